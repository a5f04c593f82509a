import ControllerCore
import KubeAPI
import KubeClient

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
            // Endpoints show the zone of their node, and go with it.
            if case .updated(let old, let new) = change, old.zone == new.zone { return [] }
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
                limit: context.settings.maximumEndpointsPerSlice,
                isKnownNode: { context[.node][NamespacedName(namespace: "", name: $0)] != nil },
                zone: { context[.node][NamespacedName(namespace: "", name: $0)]?.zone })
        }
    }
}
