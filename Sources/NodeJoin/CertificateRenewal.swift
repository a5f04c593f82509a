import KubeClient
import Logging
import PKI

/// Renews a node's client certificate after two thirds of its life, for as long as the node runs.
public struct CertificateRenewal: Sendable {
    /// After a failure; and the least pause, for certificates that end soon.
    private static let retry: Int64 = 30
    private static let longest: Int64 = 3600

    private let node: String
    private let path: String
    private let client: KubeClient
    private let now: @Sendable () -> Int64
    private let logger: Logger

    /// - Parameters:
    ///   - path: the file of certificate and key that the client uses too; it reads it again when it changes.
    ///   - now: seconds since 1970.
    public init(
        node: String, path: String, client: KubeClient, logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        self.node = node
        self.path = path
        self.client = client
        self.logger = logger
        self.now = now
    }

    /// Works until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let pause = await renewDue()
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    /// Renews when it is time; seconds until to look again.
    func renewDue() async -> Int64 {
        do {
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let folder = try CertificateFolder(String(path[..<slash]))
            let name = String(path[path.index(after: slash)...])
            guard let text = try folder.text(name) else { return Self.longest }
            let validity = try CertificateFacts(pem: text).validity
            guard validity.isDue(at: now()) else {
                return min(Self.longest, max(1, validity.renewal - now()))
            }
            let new = try await NodeCertificates(client).request(node: node)
            try folder.writeSecret(name, new)
            logger.notice("the node's client certificate is renewed")
            return Self.retry
        } catch {
            logger.warning("the node's client certificate is not renewed", metadata: ["error": "\(error)"])
            return Self.retry
        }
    }
}
