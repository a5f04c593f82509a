import KubeAPI
import Logging
import Manifests

/// Feeds the proxy loop from a directory of manifests.
public struct ManifestFeed: Sendable {
    private let source: ManifestSource
    private let mailbox: Mailbox<ProxyInput>
    private let logger: Logger
    private let failed: @Sendable () -> Void

    /// `failed` hears of every manifest that cannot be used.
    public init(
        directory: String, mailbox: Mailbox<ProxyInput>, logger: Logger, failed: @escaping @Sendable () -> Void = {}
    ) {
        self.failed = failed
        source = ManifestSource(directory: directory, logger: logger)
        self.mailbox = mailbox
        self.logger = logger
    }

    /// Runs until the task is cancelled. Nodes other than `nodeName` are passed over.
    public func run(nodeName: String) async throws {
        for kind in ObjectKind.allCases { mailbox.send(.listBegins(kind)) }
        try await source.run { event in
            switch event {
            case .synced: for kind in ObjectKind.allCases { mailbox.send(.listEnds(kind)) }
            case .failure(let failure):
                failed()
                logger.error(
                    "a manifest cannot be used; what was good before stays", metadata: ["reason": "\(failure)"])
            default:
                if let input = ProxyInput(event, nodeName: nodeName) { await mailbox.sendWhenRoom(input) }
            }
        }
    }
}

extension ProxyInput {
    /// nil for what the loop need not hear.
    init?(_ event: ManifestEvent, nodeName: String) {
        switch event {
        case .upsert(.service(let service)): self = .service(service)
        case .upsert(.endpointSlice(let slice)): self = .endpointSlice(slice)
        case .upsert(.node(let node)):
            guard node.metadata.name == nodeName else { return nil }
            self = .node(node)
        case .upsert(.serviceCIDR(let cidr)): self = .serviceCIDR(cidr)
        case .delete(let kind, let name): self = .deleted(ObjectKind(kind), name)
        case .failure, .synced: return nil
        }
    }
}

extension ObjectKind {
    init(_ kind: ManifestKind) {
        switch kind {
        case .service: self = .service
        case .endpointSlice: self = .endpointSlice
        case .node: self = .node
        case .serviceCIDR: self = .serviceCIDR
        }
    }
}
