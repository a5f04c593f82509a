import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// Keeps the EndpointSlices of Services with a selector.
public struct EndpointSliceController: Controller {
    public static let name = "endpointslice-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .service, context)
        loop.watchBackends()
        loop.also(.endpointSlice) { change in
            guard EndpointSlices.isOurs(change.object), let service = change.object.service else { return [] }
            return [service]
        }
        loop.also(.node) { change in
            // A node's zone is known only after it registered; its pods' endpoints show it.
            guard change.old?.zone != change.new?.zone else { return [] }
            let pods = context[.pod].objects(Indexes.node, change.object.name)
            return Array(ServiceMatching.services(of: pods) { context[.service].objects(Indexes.selector, $0) })
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { service in
            EndpointSlices.decide(
                service, pods: context.pods(of: service),
                slices: context[.endpointSlice].objects(Indexes.service, service.key.description),
                limit: context.settings.maximumEndpointsPerSlice
            ) { context[.node][NamespacedName(namespace: "", name: $0)]?.zone }
        }
    }
}

/// Keeps the Endpoints of Services with a selector.
public struct EndpointsController: Controller {
    public static let name = "endpoints-controller"
    private let loop: ObjectLoop
    private let gone = GoneServices()

    public init(_ context: ControllerContext) {
        // Before the loop hears of it.
        context[.service].addHandler { [gone] in gone.note($0.object.key, isThere: $0.new != nil) }
        loop = ObjectLoop(Self.name, .service, context)
        loop.watchBackends()
        loop.also(.endpoints) { $0.old == nil ? [] : [$0.object.key] }
    }

    public func run() async {
        let context = loop.context
        await loop.run { key in
            guard let service = context[.service][key] else {
                if let left = context[.endpoints][key],
                    EndpointsObjects.goWithService(left, hasSeenItGo: gone.contains(key))
                {
                    try await context.write(.delete(.endpoints, left))
                }
                gone.note(key, isThere: true)
                return nil
            }
            let decision = EndpointsObjects.decide(
                service, pods: context.pods(of: service), current: context[.endpoints][key])
            return try await self.loop.perform(decision, about: service)
        }
    }
}

/// Services that have gone, until their Endpoints have.
private final class GoneServices: Sendable {
    private let keys = Mutex<Set<NamespacedName>>([])

    func note(_ key: NamespacedName, isThere: Bool) {
        keys.withLock { keys in
            if isThere { keys.remove(key) } else { keys.insert(key) }
        }
    }

    func contains(_ key: NamespacedName) -> Bool { keys.withLock { $0.contains(key) } }
}

/// Mirrors Endpoints written by hand into EndpointSlices.
public struct EndpointSliceMirroringController: Controller {
    public static let name = "endpointslice-mirroring-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .endpoints, context)
        loop.also(.service) { [$0.object.key] }
        loop.also(.endpointSlice) { change in
            guard MirroredSlices.isOurs(change.object), let service = change.object.service else { return [] }
            return [service]
        }
    }

    public func run() async {
        let context = loop.context
        await loop.run { key in
            let endpoints = context[.endpoints][key]
            let slices = context[.endpointSlice].objects(Indexes.service, key.description)
            guard let subject = endpoints ?? slices.first else { return nil }
            let decision = MirroredSlices.decide(endpoints, service: context[.service][key], slices: slices)
            return try await self.loop.perform(decision, about: subject)
        }
    }
}

extension ObjectLoop {
    /// A pod leads to the Services that select it, before and after.
    fileprivate func watchBackends() {
        let services = context[.service]
        also(.pod) { change in
            if case .updated(let old, let new) = change, !ServiceMatching.matters(old, new) { return [] }
            let pods = [change.old, change.new].compactMap { $0 }
            return Array(ServiceMatching.services(of: pods) { services.objects(Indexes.selector, $0) })
        }
    }
}

extension ControllerContext {
    fileprivate func pods(of service: APIObject) -> [APIObject] {
        ServiceMatching.pair(service).map { self[.pod].objects(Indexes.label, $0) } ?? []
    }
}

extension APIObject {
    /// Of a node.
    fileprivate var zone: String? { label("topology.kubernetes.io/zone") }

    /// Of an EndpointSlice: the Service it belongs to.
    fileprivate var service: NamespacedName? {
        label("kubernetes.io/service-name").map { NamespacedName(namespace: namespace, name: $0) }
    }
}
