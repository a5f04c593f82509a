import Testing

@testable import KubeClient

@Suite struct KubeconfigTests {
    private static let full = """
        apiVersion: v1
        kind: Config
        current-context: main
        clusters:
        - name: prod
          cluster:
            server: https://api.example.com:6443/base/
            certificate-authority: pki/ca.crt
            tls-server-name: kubernetes
        - name: open
          cluster: {server: "http://127.0.0.1:8001", insecure-skip-tls-verify: true}
        users:
        - name: certs
          user:
            client-certificate-data: Y2VydA==
            client-key-data: a2V5
        - name: files
          user: {client-certificate: /abs/tls.crt, client-key: tls.key, tokenFile: token}
        - name: plain
          user: {token: abc}
        - name: basic
          user: {username: u, password: "p:w"}
        - name: exec
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: bin/login
              args: [token, --fast]
              env:
              - {name: REGION, value: "1"}
              installHint: get it at example.com
              interactiveMode: Never
              provideClusterInfo: true
        contexts:
        - name: main
          context: {cluster: prod, user: certs, namespace: apps}
        - {name: files, context: {cluster: prod, user: files}}
        - {name: plain, context: {cluster: open, user: plain}}
        - {name: basic, context: {cluster: open, user: basic}}
        - {name: exec, context: {cluster: prod, user: exec}}
        - {name: anonymous, context: {cluster: open, user: ""}}
        - {name: lost, context: {cluster: prod, user: nobody}}
        """

    private func connection(_ context: String?, master: String? = nil) throws -> ServerConnection {
        try Kubeconfig(parsing: Self.full, file: "/etc/kube/config").connection(context: context, master: master)
    }

    @Test func readsTheCurrentContext() throws {
        let connection = try connection(nil)
        #expect(connection.server == ServerAddress(host: "api.example.com", port: 6443, path: "/base"))
        #expect(connection.serverName == "kubernetes")
        #expect(connection.authority == .file("/etc/kube/pki/ca.crt"))
        #expect(connection.clientCertificate?.chain == .inline(Array("cert".utf8)))
        #expect(connection.clientCertificate?.key == .inline(Array("key".utf8)))
        #expect(connection.credential == .none)
        #expect(connection.namespace == "apps")
    }

    @Test func takesRelativePathsFromTheFilesFolder() throws {
        let connection = try connection("files")
        #expect(connection.clientCertificate == .init(chain: .file("/abs/tls.crt"), key: .file("/etc/kube/tls.key")))
        #expect(connection.credential == .tokenFile("/etc/kube/token"))
        #expect(connection.namespace == "default")
    }

    @Test func readsEveryCredential() throws {
        #expect(try connection("plain").credential == .token("abc"))
        #expect(try connection("basic").credential == .basic(username: "u", password: "p:w"))
        #expect(try connection("anonymous").credential == .none)
        var plugin = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "/etc/kube/bin/login")
        plugin.arguments = ["token", "--fast"]
        plugin.environment = [.init(name: "REGION", value: "1")]
        plugin.installHint = "get it at example.com"
        plugin.providesClusterInfo = true
        #expect(try connection("exec").credential == .exec(plugin))
    }

    @Test func theMasterArgumentReplacesTheAddress() throws {
        #expect(try connection(nil, master: "10.0.0.1:6443").server == ServerAddress(host: "10.0.0.1", port: 6443))
        #expect(throws: KubeconfigError.self) { try connection(nil, master: "ftp://x") }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let text: String
        let message: String
        var testDescription: String { message }
    }

    private static func user(_ fields: String) -> String { "users: [{name: a, user: {\(fields)}}]" }
    private static func cluster(_ fields: String) -> String { "clusters: [{name: a, cluster: {\(fields)}}]" }

    @Test(arguments: [
        Mistake(text: "a: [", message: "f: is not YAML"),
        Mistake(text: "- a", message: "f: is not a mapping; name a kubeconfig file (kind: Config)"),
        Mistake(text: "clusters: {}", message: "f: clusters is not a list; write a list"),
        Mistake(text: "clusters: [{cluster: {}}]", message: "f: clusters[0] has no name; add one"),
        Mistake(text: cluster("a: b"), message: "f: clusters[a].cluster has no server; add server: https://host:port"),
        Mistake(
            text: cluster("server: s, proxy-url: http://p"),
            message: "f: clusters[a].cluster.proxy-url is not supported"),
        Mistake(text: cluster("server: [s]"), message: "f: clusters[a].cluster.server is not text"),
        Mistake(
            text: cluster("server: s, certificate-authority-data: '!'"),
            message: "f: clusters[a].cluster.certificate-authority-data is not base64"),
        Mistake(
            text: cluster("server: s, insecure-skip-tls-verify: maybe"),
            message: "f: clusters[a].cluster.insecure-skip-tls-verify is not true or false"),
        Mistake(
            text: cluster("server: s, insecure-skip-tls-verify: true, certificate-authority: c"),
            message: "f: clusters[a].cluster has both"),
        Mistake(
            text: user("auth-provider: {}"), message: "f: users[a].user.auth-provider is no longer part of Kubernetes"),
        Mistake(
            text: user("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: c}"),
            message: "f: users[a].user.exec has an unknown apiVersion"),
        Mistake(
            text: user("exec: {apiVersion: client.authentication.k8s.io/v1}"),
            message: "f: users[a].user.exec has no command"),
        Mistake(
            text: user("exec: {apiVersion: client.authentication.k8s.io/v1, command: c, interactiveMode: Always}"),
            message: "f: users[a].user.exec wants a terminal"),
    ])
    func namesTheFieldAndTheRemedy(mistake: Mistake) {
        let error = #expect(throws: KubeconfigError.self) { try Kubeconfig(parsing: mistake.text, file: "f") }
        #expect(error?.description.hasPrefix(mistake.message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("", "current-context"), ("missing", "contexts"), ("lost", "contexts[lost].context.user"),
    ])
    func namesWhatAContextLacks(context: String, field: String) {
        let error = #expect(throws: KubeconfigError.self) { try connection(context) }
        #expect(error?.field == field)
    }

    @Test func refusesHalfAKeyPairAndTwoCredentials() throws {
        let contexts = "\ncontexts: [{name: c, context: {cluster: a, user: a}}]\n" + Self.cluster("server: https://s")
        let half = try Kubeconfig(parsing: Self.user("client-key: k") + contexts, file: "f")
        #expect(throws: KubeconfigError.self) { try half.connection(context: "c") }
        let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: c}, token: t"
        let both = try Kubeconfig(parsing: Self.user(exec) + contexts, file: "f")
        #expect(throws: KubeconfigError.self) { try both.connection(context: "c") }
    }

    @Test func aMissingFileSaysSo() {
        let error = #expect(throws: KubeconfigError.self) { try Kubeconfig(contentsOf: "/nonexistent/config") }
        #expect(error?.reason == "cannot be read: /nonexistent/config: No such file or directory")
    }
}

@Suite struct InClusterConfigTests {
    @Test func readsTheServiceAccount() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "t")
        try folder.write("ca.crt", "c")
        try folder.write("namespace", "kube-system\n")
        let connection = try InClusterConfig.connection(host: "fd00::1", port: "443", directory: folder.path)
        #expect(connection.server.description == "https://[fd00::1]:443")
        #expect(connection.credential == .tokenFile(folder.path + "/token"))
        #expect(connection.authority == .file(folder.path + "/ca.crt"))
        #expect(connection.namespace == "kube-system")
    }

    @Test func saysWhatIsMissing() throws {
        #expect(throws: InClusterConfig.Failure.self) { try InClusterConfig.connection(host: nil, port: "443") }
        #expect(throws: InClusterConfig.Failure.self) { try InClusterConfig.connection(host: "h", port: "0") }
        #expect(throws: InClusterConfig.Failure.self) {
            try InClusterConfig.connection(host: "h", port: "1", directory: "/nonexistent")
        }
    }
}

@Suite struct TextTests {
    @Test(arguments: [
        ("https://a:1/b/", "https://a:1/b"), ("https://a", "https://a:443"), ("http://a/", "http://a:80"),
        ("HTTPS://[::1]:6443", "https://[::1]:6443"), ("https://[::1]", "https://[::1]:443"),
        ("a:8080", "https://a:8080"),
    ])
    func parsesServerAddresses(text: String, expected: String) {
        #expect(ServerAddress(parsing: text)?.description == expected)
    }

    @Test(arguments: [
        "", "ftp://a", "https://", "https://a:0", "https://a:65536", "a:b:c", "https://u@h", "[::1", "a b", "a?x",
    ])
    func refusesWhatIsNoServerAddress(text: String) {
        #expect(ServerAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("\u{FF}?>", "w78/Pg=="),
    ])
    func codesBase64(text: String, encoded: String) {
        #expect(Base64.encode(text.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
        #expect(Base64.decode(encoded + "\n") == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zg===", "=", "Z*==", "Zg==Zg==", "Zg"]) func refusesWhatIsNoBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func escapesQueries() {
        let request = KubeRequest(.list, path: "/p", parameters: [.init("a", "x!=y z/ü"), .init("b", "-._~")])
        #expect(request.target == "/p?a=x%21%3Dy%20z%2F%C3%BC&b=-._~")
    }
}
