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
            let pods = context[.pod].objects
            var absent: Set<String> = []
            for pod in pods where !pod.nodeName.isEmpty {
                if context[.node][NamespacedName(namespace: "", name: pod.nodeName)] == nil {
                    absent.insert(pod.nodeName)
                }
            }
            missing = missing.filter { absent.contains($0.key) }
            for name in absent where missing[name] == nil { missing[name] = .now }
            let gone = Set(missing.filter { .now - $0.value >= Self.quarantine }.keys)
            let outOfService = Set(context[.node].objects.filter(PodCollection.isOutOfService).map(\.name))
            let plans = PodCollection.decide(
                pods, finishedLimit: context.settings.finishedPodLimit, isGone: gone.contains,
                isOutOfService: outOfService.contains, now: context.now)
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
}
