import KubeAPI
import KubeClient
import PKI

/// Asks a cluster for a node's client certificate, the way kubelets do (KEP-266).
public struct NodeCertificates: Sendable {
    private static let requests = GroupVersionResource(
        group: "certificates.k8s.io", resource: "certificatesigningrequests", isNamespaced: false)

    private let client: KubeClient

    public init(_ client: KubeClient) { self.client = client }

    /// Certificate and key in one PEM text, so that one file replaces both at once.
    /// - Parameter lifetime: seconds; nil leaves it to the signer.
    public func request(node: String, lifetime: Int64? = nil, patience: Duration = .seconds(60)) async throws -> String
    {
        let new = try NewSigningRequest(.node(node))
        let made = try await client.create(
            Self.requests, JoinObjects.signingRequest(node: node, request: new.requestPEM, lifetime: lifetime))
        let deadline = ContinuousClock.now + patience
        while true {
            let request = try await client.get(Self.requests, made.key)
            if let certificate = request.status?["certificate"]?.string.flatMap(Base64Text.decode) {
                return certificate + new.keyPEM
            }
            for condition in request.status?["conditions"]?.array ?? [] {
                let type = condition["type"]?.string ?? ""
                guard type == "Denied" || type == "Failed" else { continue }
                throw JoinFailure("the request \(made.name) is \(type): \(condition["message"]?.string ?? "")")
            }
            guard ContinuousClock.now < deadline else {
                throw JoinFailure(
                    "nobody approved and signed the request \(made.name); 'kubectl certificate approve \(made.name)' does"
                )
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
