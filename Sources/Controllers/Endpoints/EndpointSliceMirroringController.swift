import ControllerCore
import KubeAPI
import KubeClient

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
