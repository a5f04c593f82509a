import Yams

extension Kubeconfig {
    /// Reads and parses the file. Relative paths in it are taken from its own directory.
    public init(contentsOf path: String) throws(KubeconfigError) {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            throw KubeconfigError(
                file: path, field: "", reason: "cannot be read: \(error)", advice: "check the path and its permissions")
        }
        try self.init(parsing: String(decoding: bytes, as: UTF8.self), file: path)
    }

    public init(parsing text: String, file: String) throws(KubeconfigError) {
        self.init(file: file)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw KubeconfigError(file: file, field: "", reason: "is not YAML: \(error)", advice: "correct the syntax")
        }
        guard let root, root.mapping != nil else {
            throw KubeconfigError(
                file: file, field: "", reason: "is not a mapping", advice: "name a kubeconfig file (kind: Config)")
        }
        let config = KubeconfigNode(node: root, path: "", file: file)
        currentContext = try config["current-context"]?.text() ?? ""
        clusters = try config.named("clusters", "cluster") { node throws(KubeconfigError) in try Cluster(node) }
        users = try config.named("users", "user") { node throws(KubeconfigError) in try User(node) }
        contexts = try config.named("contexts", "context") { node throws(KubeconfigError) in try Context(node) }
    }
}

extension Kubeconfig.Cluster {
    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        if let proxy = node["proxy-url"], try !proxy.text().isEmpty {
            throw proxy.error("is not supported", "remove it, or give the address of a server reachable directly")
        }
        guard let server = try node["server"]?.text(), !server.isEmpty else {
            throw node.error("has no server", "add server: https://host:port")
        }
        self.server = server
        serverName = try node["tls-server-name"]?.nonEmptyText()
        authority = try node.pem("certificate-authority")
        skipsVerification = try node["insecure-skip-tls-verify"]?.flag() ?? false
        if skipsVerification, authority != nil {
            throw node.error(
                "has both certificate-authority and insecure-skip-tls-verify", "remove insecure-skip-tls-verify")
        }
    }
}

extension Kubeconfig.User {
    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        if let provider = node["auth-provider"] {
            throw provider.error("is no longer part of Kubernetes", "use an exec plugin")
        }
        certificate = try node.pem("client-certificate")
        key = try node.pem("client-key")
        token = try node["token"]?.nonEmptyText()
        tokenFile = try node["tokenFile"]?.nonEmptyText().map(node.resolve)
        username = try node["username"]?.nonEmptyText()
        password = try node["password"]?.text()
        exec = try node["exec"].map { exec throws(KubeconfigError) in try ExecPlugin(exec) }
    }
}

extension Kubeconfig.Context {
    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        cluster = try node["cluster"]?.text() ?? ""
        user = try node["user"]?.text() ?? ""
        namespace = try node["namespace"]?.text() ?? ""
    }
}

extension ExecPlugin {
    private static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        guard let apiVersion = try node["apiVersion"]?.text(), Self.versions.contains(apiVersion) else {
            throw node.error("has an unknown apiVersion", "use \(Self.versions.joined(separator: " or "))")
        }
        guard let command = try node["command"]?.text(), !command.isEmpty else {
            throw node.error("has no command", "name the program to run")
        }
        // A bare name is looked up in PATH; anything with a slash is a path.
        self.init(apiVersion: apiVersion, command: command.contains("/") ? node.resolve(command) : command)
        arguments = try node.elements("args").map { element throws(KubeconfigError) in try element.text() }
        environment = try node.elements("env").map { element throws(KubeconfigError) in
            Variable(name: try element["name"]?.text() ?? "", value: try element["value"]?.text() ?? "")
        }
        installHint = try node["installHint"]?.nonEmptyText()
        providesClusterInfo = try node["provideClusterInfo"]?.flag() ?? false
        if try node["interactiveMode"]?.text() == "Always" {
            throw node.error("wants a terminal (interactiveMode: Always)", "use a plugin that runs unattended")
        }
    }
}

/// A YAML node that knows where it stands, for errors.
private struct KubeconfigNode {
    let node: Node
    let path: String
    let file: String

    /// nil for an absent field and for null.
    subscript(key: String) -> KubeconfigNode? {
        guard let child = node.mapping?[Node(key)], child.tag != Tag(.null) else { return nil }
        return KubeconfigNode(node: child, path: path.isEmpty ? key : "\(path).\(key)", file: file)
    }

    func text() throws(KubeconfigError) -> String {
        guard let scalar = node.scalar else { throw error("is not text", "write a single value") }
        return scalar.string
    }

    func nonEmptyText() throws(KubeconfigError) -> String? {
        let text = try text()
        return text.isEmpty ? nil : text
    }

    func flag() throws(KubeconfigError) -> Bool {
        guard let flag = node.bool else { throw error("is not true or false", "write true or false") }
        return flag
    }

    func elements(_ key: String) throws(KubeconfigError) -> [KubeconfigNode] {
        guard let list = self[key] else { return [] }
        guard let sequence = list.node.sequence else { throw list.error("is not a list", "write a list") }
        return sequence.enumerated().map { KubeconfigNode(node: $1, path: "\(list.path)[\($0)]", file: file) }
    }

    /// A list of `{name: …, <field>: {…}}`; of equal names the first counts, as in kubectl.
    func named<Value>(
        _ key: String, _ field: String, _ make: (KubeconfigNode) throws(KubeconfigError) -> Value
    ) throws(KubeconfigError) -> [String: Value] {
        var values: [String: Value] = [:]
        for entry in try elements(key) {
            guard let name = try entry["name"]?.text() else { throw entry.error("has no name", "add one") }
            guard values[name] == nil, let content = entry[field] else { continue }
            let node = KubeconfigNode(node: content.node, path: "\(key)[\(name)].\(field)", file: file)
            values[name] = try make(node)
        }
        return values
    }

    /// `<key>-data` (base64) or, without it, `<key>` (a path).
    func pem(_ key: String) throws(KubeconfigError) -> ServerConnection.PEMSource? {
        if let data = self[key + "-data"], let text = try data.nonEmptyText() {
            guard let bytes = Base64.decode(text) else { throw data.error("is not base64", "encode the PEM text") }
            return .inline(bytes)
        }
        return try self[key]?.nonEmptyText().map { .file(resolve($0)) }
    }

    func resolve(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    func error(_ reason: String, _ advice: String) -> KubeconfigError {
        KubeconfigError(file: file, field: path, reason: reason, advice: advice)
    }
}
