import Foundation
import TestPrograms
import TestThreads
import Testing

/// Certificates and tokens that the controller manager signs, used against the API server.
@Suite(.ownThread, .needs("kubectl", "openssl"), .timeLimit(.minutes(30)))
struct CertificateScenarios {
    private static func cluster() throws -> Cluster {
        let cluster = try Cluster(nodes: 0)
        cluster.crash("manager")
        try cluster.start(
            "manager",
            ["controller-manager", "--port", "0", "--leader-elect=false", "--data-dir", cluster.plane.data.path])
        return cluster
    }

    /// A new key and a request made with it; the request in base64.
    private static func request(_ cluster: Cluster, _ name: String, subject: String) throws -> String {
        var openssl = try #require(Tool("openssl"))
        openssl.folder = cluster.plane.folder
        let made = try openssl.run([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "\(name).key", "-out", "\(name).csr", "-subj", subject,
        ])
        #expect(made.isGood, "\(made.errors)")
        return try Data(contentsOf: cluster.plane.folder.appending(path: "\(name).csr")).base64EncodedString()
    }

    private static func object(_ name: String, _ request: String, signer: String, usage: String = "client auth")
        -> String
    {
        """
        apiVersion: certificates.k8s.io/v1
        kind: CertificateSigningRequest
        metadata: {name: \(name)}
        spec:
          request: \(request)
          signerName: kubernetes.io/\(signer)
          expirationSeconds: 3600
          usages: [digital signature, \(usage)]
        """
    }

    private static func certificate(_ name: String) -> String { "get csr \(name) -o jsonpath={.status.certificate}" }

    /// Who the API server takes the holder of the certificate for.
    private static func whoami(_ cluster: Cluster, _ name: String) throws -> String {
        let text = try cluster.kube(certificate(name))
        let file = cluster.plane.folder.appending(path: "\(name).crt")
        try #require(Data(base64Encoded: text)).write(to: file)
        // A kubeconfig without the administrator's certificate.
        let server = "https://127.0.0.1:\(cluster.plane.port)"
        return try cluster.kube(
            "--kubeconfig /dev/null --server \(server) --insecure-skip-tls-verify --client-certificate \(file.path)"
                + " --client-key \(cluster.plane.folder.path)/\(name).key auth whoami"
                + " -o jsonpath={.status.userInfo.username}/{.status.userInfo.groups[0]}")
    }

    @Test func approvingNeedsARightForTheSigner() throws {
        let cluster = try Self.cluster()
        let request = try Self.request(cluster, "kim", subject: "/CN=kim")
        try cluster.kube("apply -f -", input: Self.object("kim", request, signer: "kube-apiserver-client"))
        try cluster.kube(
            "create clusterrole clerk --verb=get,list,update --resource=certificatesigningrequests,"
                + "certificatesigningrequests/approval")
        try cluster.kube("create clusterrolebinding clerk --clusterrole=clerk --user=pat")
        let refusal = try cluster.plane.refusal("certificate approve kim --as pat")
        #expect(
            refusal.hasSuffix(
                "user not permitted to approve requests with signerName \"kubernetes.io/kube-apiserver-client\""))
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: signers}
                rules:
                - apiGroups: [certificates.k8s.io]
                  resources: [signers]
                  resourceNames: [kubernetes.io/*]
                  verbs: [approve]
                """)
        try cluster.kube("create clusterrolebinding signers --clusterrole=signers --user=pat")
        try cluster.kube("certificate approve kim --as pat")
        try cluster.eventually(Self.certificate("kim")) { !$0.isEmpty }
    }

    @Test func nobodyAsksForTheAdministratorsGroup() throws {
        let cluster = try Self.cluster()
        let request = try Self.request(cluster, "eve", subject: "/O=system:masters/CN=eve")
        let object = Self.object("eve", request, signer: "kube-apiserver-client")
        let refusal = try cluster.plane.refusal("apply -f -", input: object)
        #expect(
            refusal.contains(
                "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"))
    }

    @Test func anApprovedRequestIsSigned() throws {
        let cluster = try Self.cluster()
        let request = try Self.request(cluster, "jane", subject: "/O=makers/CN=jane")
        try cluster.kube("apply -f -", input: Self.object("jane", request, signer: "kube-apiserver-client"))
        try #expect(cluster.kube(Self.certificate("jane")).isEmpty)
        try cluster.kube("certificate approve jane")
        try cluster.eventually(Self.certificate("jane")) { !$0.isEmpty }
        try #expect(Self.whoami(cluster, "jane") == "jane/makers")
        try #expect(cluster.kube("get csr jane").contains("Approved,Issued"))
        // Usages that the signer does not sign.
        try cluster.kube(
            "apply -f -",
            input: Self.object("wrong", request, signer: "kube-apiserver-client", usage: "server auth"))
        try cluster.kube("certificate approve wrong")
        try cluster.eventually("get csr wrong -o jsonpath={.status.conditions[?(@.type==\"Failed\")].reason}") {
            $0 == "SignerValidationFailure"
        }
        try cluster.kube("apply -f -", input: Self.object("denied", request, signer: "kube-apiserver-client"))
        try cluster.kube("certificate deny denied")
        // Another's signer is left alone.
        try cluster.kube(
            "apply -f -",
            input: Self.object("other", request, signer: "x").replacing("kubernetes.io/x", with: "example.org/x"))
        try cluster.kube("certificate approve other")
        for name in ["denied", "other"] { try #expect(cluster.kube(Self.certificate(name)).isEmpty) }
    }

    @Test func aNodeThatJoinsIsApprovedWithoutBeingAsked() throws {
        let cluster = try Self.cluster()
        try cluster.kube(
            "create clusterrolebinding join --group=system:bootstrappers"
                + " --clusterrole=system:certificates.k8s.io:certificatesigningrequests:nodeclient")
        try cluster.kube(
            "create clusterrolebinding ask --group=system:bootstrappers --clusterrole=system:node-bootstrapper")
        let request = try Self.request(cluster, "node", subject: "/O=system:nodes/CN=system:node:n1")
        let signer = "kube-apiserver-client-kubelet"
        // One who may not ask for it waits for somebody's approval.
        try cluster.kube("create clusterrolebinding asks --user=mallory --clusterrole=system:node-bootstrapper")
        try cluster.kube("create -f - --as=mallory", input: Self.object("mallory", request, signer: signer))
        try cluster.kube(
            "create -f - --as=system:bootstrap:abcdef --as-group=system:bootstrappers --as-group=system:authenticated",
            input: Self.object("node", request, signer: signer))
        try cluster.eventually(Self.certificate("node")) { !$0.isEmpty }
        try #expect(Self.whoami(cluster, "node") == "system:node:n1/system:nodes")
        try #expect(
            cluster.kube("get csr node -o jsonpath={.status.conditions[0].reason}") == "AutoApproved")
        try #expect(cluster.kube("get csr mallory -o jsonpath={.status.conditions}").isEmpty)
    }

    @Test func secretsHoldTokens() throws {
        let cluster = try Self.cluster()
        try cluster.kube("create serviceaccount robot")
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: v1
                kind: Secret
                metadata: {name: robot, annotations: {kubernetes.io/service-account.name: robot}}
                type: kubernetes.io/service-account-token
                """)
        try cluster.eventually("get secret robot -o jsonpath={.data.token}") { !$0.isEmpty }
        let data = try cluster.kube("get secret robot -o jsonpath={.data.token}")
        let token = String(decoding: try #require(Data(base64Encoded: data)), as: UTF8.self)
        try cluster.eventually("get secret robot -o jsonpath={.data.namespace}", is: "ZGVmYXVsdA==")
        let who = "--kubeconfig /dev/null --server https://127.0.0.1:\(cluster.plane.port) --insecure-skip-tls-verify"
        let name = "-o jsonpath={.status.userInfo.username}"
        try #expect(
            cluster.kube("\(who) --token \(token) auth whoami \(name)") == "system:serviceaccount:default:robot")
        // The token goes with the account.
        try cluster.kube("delete serviceaccount robot")
        try cluster.eventually("get secret robot -o name --ignore-not-found", is: "")
        try #expect(!cluster.plane.refusal("\(who) --token \(token) get pods").isEmpty)
    }

    @Test func bootstrapTokensSignAndEnd() throws {
        let cluster = try Self.cluster()
        func token(_ id: String, expires: Date) -> String {
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: bootstrap-token-\(id), namespace: kube-system}
            type: bootstrap.kubernetes.io/token
            stringData:
              token-id: \(id)
              token-secret: 0123456789abcdef
              usage-bootstrap-signing: "true"
              expiration: \(expires.ISO8601Format())
            """
        }
        try cluster.kube("apply -f -", input: token("aaaaaa", expires: .now + 3600))
        try cluster.kube("create configmap cluster-info -n kube-public --from-literal=kubeconfig=text")
        // openssl's HMAC of {"alg":"HS256","kid":"aaaaaa"} and the text.
        let header = Data(#"{"alg":"HS256","kid":"aaaaaa"}"#.utf8).base64EncodedString().replacing("=", with: "")
        let signed = cluster.plane.folder.appending(path: "signed")
        try Data("\(header).dGV4dA".utf8).write(to: signed)
        let openssl = try #require(Tool("openssl"))
        let code = try openssl.run(["dgst", "-sha256", "-hmac", "0123456789abcdef", "-r", signed.path]).output
        let bytes = code.prefix(64).chunked(by: 2).compactMap { UInt8($0, radix: 16) }
        let signature = Data(bytes).base64EncodedString().replacing("=", with: "").replacing("+", with: "-")
            .replacing("/", with: "_")
        try cluster.eventually(
            "get configmap cluster-info -n kube-public -o jsonpath={.data.jws-kubeconfig-aaaaaa}",
            is: "\(header)..\(signature)")
        try cluster.kube("apply -f -", input: token("bbbbbb", expires: .now + 2))
        try cluster.eventually("get secrets -n kube-system -o name", is: "secret/bootstrap-token-aaaaaa")
        try cluster.kube("delete secret bootstrap-token-aaaaaa -n kube-system")
        try cluster.eventually(
            "get configmap cluster-info -n kube-public -o jsonpath={.data}", is: "{\"kubeconfig\":\"text\"}")
    }
}

extension StringProtocol {
    fileprivate func chunked(by size: Int) -> [SubSequence] {
        stride(from: 0, to: count, by: size).map { dropFirst($0).prefix(size) }
    }
}
