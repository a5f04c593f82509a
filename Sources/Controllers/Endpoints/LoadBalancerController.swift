import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// Gives Services of type LoadBalancer their addresses.
public struct LoadBalancerController: Controller {
    public static let name = "service-lb-controller"
    private let loop: ObjectLoop
    private let pools: Pools

    public init(_ context: ControllerContext) {
        loop = ObjectLoop("service-controller", .service, context, workers: 1)
        pools = Pools(context.settings.loadBalancerPools)
    }

    public func run() async {
        let context = loop.context
        guard let pools = pools.pools else {
            if let refusal = self.pools.refusal { context.logger.error("no load balancers: \(refusal)") }
            return
        }
        // What Services have comes before what Services get.
        for service in context[.service].objects { pools.withLock { $0.note(service) } }
        await loop.run { key in
            guard let service = context[.service][key] else {
                pools.withLock { $0.release(key) }
                return nil
            }
            return try await loop.perform(pools.withLock { $0.decide(service) }, about: service)
        }
    }
}

private final class Pools: Sendable {
    final class Shared: Sendable {
        private let state: Mutex<LoadBalancers>

        init(_ pools: LoadBalancers) { state = Mutex(pools) }

        func withLock<Value: Sendable>(_ body: (inout sending LoadBalancers) -> sending Value) -> Value {
            state.withLock(body)
        }
    }

    /// nil without pools.
    let pools: Shared?
    let refusal: LoadBalancers.Refusal?

    init(_ texts: [String]) {
        do {
            let parsed = try LoadBalancers(texts)
            pools = parsed.isEmpty ? nil : Shared(parsed)
            refusal = nil
        } catch {
            pools = nil
            refusal = error
        }
    }
}
