import KubeAPI
import KubeClient
import Logging
import Synchronization

/// Follows a pod from before it is there until it is ready and in an EndpointSlice.
public struct PodTracer: Sendable {
    private let client: KubeClient
    private let logger: Logger

    public init(_ client: KubeClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// - Parameters:
    ///   - withSlice: whether some Service selects it.
    ///   - limit: how long to wait.
    public func trace(_ key: NamespacedName, withSlice: Bool, limit: Duration) async -> PodTrace {
        let pods = Informer(
            GroupVersionResource(resource: "pods"), client: client,
            fieldSelector: "metadata.name=\(key.name),metadata.namespace=\(key.namespace)", logger: logger)
        let slices = Informer(.endpointSlices, client: client, logger: logger)
        let sightings = Sightings(key)
        pods.addHandler { change in sightings.add { $0.see(change.new?.json, now: $1) } }
        slices.addHandler { change in
            guard let slice = change.new else { return }
            sightings.add { $0.see(slice: slice.json, now: $1) }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await pods.run() }
            group.addTask { await slices.run() }
            group.addTask {
                await pods.waitUntilSynced()
                // A pod that comes from now on is seen coming.
                if pods[key] == nil { sightings.add { $0.see(nil, now: $1) } }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                sightings.finish()
            }
            for await trace in sightings.traces where trace.isDone(withSlice: withSlice) { break }
            group.cancelAll()
        }
        return sightings.latest
    }
}

/// A trace that grows, as a stream of what it is after each look.
private final class Sightings: Sendable {
    let traces: AsyncStream<PodTrace>
    private let continuation: AsyncStream<PodTrace>.Continuation
    private let trace: Mutex<PodTrace>
    private let start = ContinuousClock.now

    init(_ key: NamespacedName) {
        trace = Mutex(PodTrace(key))
        (traces, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var latest: PodTrace { trace.withLock { $0 } }

    func add(_ look: (inout PodTrace, Duration) -> Void) {
        let now = ContinuousClock.now - start
        continuation.yield(
            trace.withLock { trace in
                look(&trace, now)
                return trace
            })
    }

    func finish() { continuation.finish() }
}
