import ControllerCore
import KubeAPI
import KubeClient

/// Removes pods that nobody will end: of nodes that are gone, and the oldest finished ones.
public struct PodCollectionController: Controller {
    public static let name = "pod-garbage-collector-controller"
    private static let interval = Duration.seconds(20)
    /// A node's absence must last this long.
    private static let quarantine = Duration.seconds(40)

    private let context: ControllerContext

    public init(_ context: ControllerContext) {
        self.context = context
        _ = context[.pod]
        _ = context[.node]
    }

    public func run() async {
        var missing: [String: ContinuousClock.Instant] = [:]
        while !Task.isCancelled {
            let absent = Set(context[.pod].values(Indexes.node).filter { node($0) == nil })
            missing = missing.filter { absent.contains($0.key) }
            for name in absent where missing[name] == nil { missing[name] = .now }
            let gone = Set(missing.filter { .now - $0.value >= Self.quarantine }.keys)
            let plans = PodCollection.decide(
                candidates(gone), finishedLimit: context.settings.finishedPodLimit, isGone: gone.contains,
                isOutOfService: { node($0).map(PodCollection.isOutOfService) ?? false }, now: context.now)
            for writes in plans {
                do {
                    for write in writes { try await context.write(write) }
                } catch {
                    context.logger.debug("pod not collected", metadata: ["error": "\(error)"])
                }
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
    private func node(_ name: String) -> APIObject? { context[.node][NamespacedName(namespace: "", name: name)] }

    /// Those that run on nodes that are there are not looked at.
    private func candidates(_ gone: Set<String>) -> [APIObject] {
        let running = gone.flatMap { context[.pod].objects(Indexes.node, $0) }.filter {
            !$0.hasFinished && !$0.isBeingDeleted
        }
        return context[.pod].objects(Indexes.ending, "") + running
    }
}
