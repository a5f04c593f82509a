import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

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
