import KubeAPI
import KubeClient
import Logging
import PKI

/// Finds out whom to trust: the public cluster-info of a server that is not trusted yet, which must be signed with the token
/// and, when a hash is given, name an authority with that key.
public struct ClusterDiscovery: Sendable {
    private let server: ServerAddress
    private let token: JoinToken
    private let authorityHash: String?
    private let logger: Logger

    /// - Parameter authorityHash: `sha256:...`; nil trusts the token's signature alone.
    public init(_ server: ServerAddress, token: JoinToken, authorityHash: String?, logger: Logger) {
        self.server = server
        self.token = token
        self.authorityHash = authorityHash
        self.logger = logger
    }

    /// How to reach the cluster with the token.
    public func connection() async throws -> ServerConnection {
        var untrusted = ServerConnection(server: server)
        untrusted.skipsVerification = true
        let client = KubeClient(untrusted, logger: logger)
        let answer: Result<APIObject, any Error>
        do {
            answer = .success(
                try await client.get(GroupVersionResource(resource: "configmaps"), JoinObjects.clusterInfo))
        } catch {
            answer = .failure(error)
        }
        try? await client.shutdown()
        return try trusted(answer.get())
    }

    func trusted(_ map: APIObject) throws -> ServerConnection {
        guard let text = map["data"]?["kubeconfig"]?.string,
            let signature = map["data"]?["jws-kubeconfig-\(token.id)"]?.string
        else {
            throw JoinFailure(
                "the cluster knows no token \(token.id), or has not signed for it yet; make one with 'apus token create'"
            )
        }
        guard signature == DetachedSignature.make(of: text, keyID: token.id, key: token.secret) else {
            throw JoinFailure("the server at \(server) does not know the token's secret; it may not be your cluster's")
        }
        let kubeconfig = try Kubeconfig(parsing: text, file: "cluster-info")
        var found = ServerConnection(server: server)
        guard let authority = kubeconfig.clusters.values.first?.authority else {
            throw JoinFailure("cluster-info names no certificate authority")
        }
        found.authority = authority
        if let authorityHash {
            let actual = try PublicKeyHash.of(certificatePEM: found.authorityText ?? "")
            guard actual == authorityHash else {
                throw JoinFailure("the cluster's authority has the hash \(actual), not \(authorityHash)")
            }
        }
        found.credential = .token("\(token)")
        return found
    }
}
