import KubeAPI
import NetTypes
import ProxyCore

/// The desired side of the loop: takes inputs in, and tells what they changed. Pure; no kernel, no clock.
struct Trackers {
    private(set) var state: ProxyState
    private(set) var facts: NodeFactsBuilder
    private var lists: [ObjectKind: ListProgress] = [:]
    /// Kinds that must have been listed once before anything is programmed.
    private let required: Set<ObjectKind>

    init(settings: ProxySettings, required: Set<ObjectKind> = [.service, .endpointSlice]) {
        facts = NodeFactsBuilder(settings: settings)
        state = ProxyState(node: facts.facts)
        self.required = required
    }

    /// True once everything required has been listed.
    var isSynced: Bool { required.allSatisfy { lists[$0]?.isComplete == true } }

    var node: Node? { facts.node }

    /// Where health-check node ports are served: the node-port addresses; nil, every address, when those are everything.
    var healthCheckAddresses: [IPAddress]? {
        facts.settings.nodePortsAreEverywhere ? nil : state.node.nodePortAddresses
    }

    /// Resolves everything staged without telling what changed: for the first programming.
    mutating func load() { state.load() }

    /// Resolves what was staged and tells what changed.
    mutating func settle() -> ProxyDelta { state.settle() }

    mutating func stage(_ input: ProxyInput) {
        switch input {
        case .service(let service):
            lists[.service, default: .init()].mention(service.metadata.key)
            state.stage(.service(service))
        case .endpointSlice(let slice):
            lists[.endpointSlice, default: .init()].mention(slice.metadata.key)
            state.stage(.endpointSlice(slice))
        case .node(let node):
            lists[.node, default: .init()].mention(node.metadata.key)
            change { $0.node = node }
        case .serviceCIDR(let cidr):
            lists[.serviceCIDR, default: .init()].mention(cidr.metadata.key)
            change { $0.serviceCIDRs[cidr.metadata.key] = cidr }
        case .deleted(let kind, let name):
            lists[kind, default: .init()].remove(name)
            delete(kind, name)
        case .listBegins(let kind): lists[kind, default: .init()].begin()
        case .listEnds(let kind):
            for name in lists[kind, default: .init()].end() { delete(kind, name) }
        case .malformed(let kind, let name, _):
            if let name { lists[kind, default: .init()].mention(name) }
        case .localAddresses(let addresses): change { $0.localAddresses = addresses }
        case .settings, .mode, .question, .stop: break
        }
    }

    mutating func follow(_ settings: ProxySettings) {
        if settings != facts.settings { change { $0.settings = settings } }
    }

    private mutating func change(_ body: (inout NodeFactsBuilder) -> Void) {
        body(&facts)
        state.stage(.node(facts.facts))
    }

    private mutating func delete(_ kind: ObjectKind, _ name: NamespacedName) {
        switch kind {
        case .service: state.stage(.serviceDeleted(name))
        case .endpointSlice: state.stage(.endpointSliceDeleted(name))
        case .node:
            guard facts.node?.metadata.key == name else { return }
            change { $0.node = nil }
        case .serviceCIDR: change { $0.serviceCIDRs[name] = nil }
        }
    }
}
