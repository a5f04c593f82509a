import KubeAPI
import KubeClient
import Logging

/// Feeds the proxy loop from a Kubernetes API: Services, EndpointSlices, the own Node and ServiceCIDRs.
public struct KubernetesFeed: Sendable {
    private let client: KubeClient
    private let mailbox: Mailbox<ProxyInput>
    private let logger: Logger

    public init(client: KubeClient, mailbox: Mailbox<ProxyInput>, logger: Logger) {
        self.client = client
        self.mailbox = mailbox
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    public func run(nodeName: String) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reflect(.services, .service, ProxyInput.service) }
            group.addTask { await reflect(.endpointSlices, .endpointSlice, ProxyInput.endpointSlice) }
            group.addTask { await reflect(.node(nodeName), .node, ProxyInput.node) }
            group.addTask { await reflect(.serviceCIDRs, .serviceCIDR, ProxyInput.serviceCIDR) }
        }
    }

    private func reflect<Object: KubeObject>(
        _ selection: ResourceSelection, _ kind: ObjectKind, _ input: @escaping @Sendable (Object) -> ProxyInput
    ) async {
        let reflector = Reflector<Object>(client: client, selection: selection, logger: logger) { [mailbox] event in
            switch event {
            case .replaceBegin: mailbox.send(.listBegins(kind))
            case .replaceEnd: mailbox.send(.listEnds(kind))
            case .upsert(let object): await mailbox.sendWhenRoom(input(object))
            case .delete(let name): mailbox.send(.deleted(kind, name))
            case .malformed(let name, let reason): mailbox.send(.malformed(kind, name, reason: reason))
            case .notServed: break
            }
        }
        await reflector.run()
    }
}

/// What a node proxy asks for.
extension ResourceSelection {
    static let services = ResourceSelection(
        .services, fieldSelector: "spec.clusterIP!=None", labelSelector: "!service.kubernetes.io/service-proxy-name")

    static let endpointSlices = ResourceSelection(
        .endpointSlices,
        labelSelector: "!service.kubernetes.io/service-proxy-name,!service.kubernetes.io/headless")

    static func node(_ name: String) -> ResourceSelection {
        ResourceSelection(.nodes, fieldSelector: "metadata.name=\(name)")
    }

    static let serviceCIDRs = ResourceSelection(.serviceCIDRs)
}
