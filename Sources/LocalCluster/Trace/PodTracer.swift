import KubeAPI
import KubeClient
import Logging
import Synchronization

/// Follows a pod from before it is there until it is ready, and where a Service selects it until clients can reach it.
public struct PodTracer: Sendable {
    private let client: KubeClient
    private let witness: TraceWitness?
    private let logger: Logger

    /// - Parameter witness: nil when proxies and DNS cannot be asked.
    public init(_ client: KubeClient, witness: TraceWitness?, logger: Logger) {
        self.client = client
        self.witness = witness
        self.logger = logger
    }

    /// - Parameters:
    ///   - needsSlice: waits for an EndpointSlice even if no Service selects it yet.
    ///   - limit: how long to wait.
    public func trace(_ key: NamespacedName, needsSlice: Bool, limit: Duration) async -> PodTrace {
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
            await follow(sightings, needsSlice: needsSlice)
            group.cancelAll()
        }
        return sightings.latest
    }

    private func follow(_ sightings: Sightings, needsSlice: Bool) async {
        var services: [ServiceView]?
        for await trace in sightings.traces where trace.isDone(withSlice: false) {
            if services == nil { services = await selecting(trace) }
            if trace.isDone(withSlice: needsSlice || services?.isEmpty == false) { break }
        }
        let trace = sightings.latest
        guard let witness, let services, trace.hops[.listed]?.isWatched == true, let ready = trace.hops[.ready]?.time
        else { return }
        // The slice was written after the pod was ready, and proxies may write before this client hears of it.
        for await _ in Attempts(limit: .seconds(5)) {
            if let time = witness.programmed(since: ready) {
                sightings.add { trace, _ in trace.see(.programmed, at: time) }
                break
            }
        }
        for await _ in Attempts(limit: .seconds(5)) where witness.finds(services, trace.address) {
            sightings.add { $0.see(.named, at: $1) }
            break
        }
    }

    /// The Services of its namespace that select the pod.
    private func selecting(_ trace: PodTrace) async -> [ServiceView] {
        let all = (try? await ClusterAPI(client).services()) ?? []
        return all.filter { $0.namespace == trace.pod.namespace && $0.selects(trace.labels) }
    }
}

/// One now and one every few milliseconds, until time is up.
private struct Attempts: AsyncSequence, AsyncIteratorProtocol {
    private let deadline: ContinuousClock.Instant
    private var isFirst = true

    init(limit: Duration) { deadline = .now + limit }

    func makeAsyncIterator() -> Attempts { self }

    mutating func next() async -> Void? {
        if !isFirst { try? await Task.sleep(for: .milliseconds(2)) }
        isFirst = false
        return ContinuousClock.now < deadline && !Task.isCancelled ? () : nil
    }
}

/// A trace that grows, as a stream of what it is after each look.
private final class Sightings: Sendable {
    let traces: AsyncStream<PodTrace>
    private let continuation: AsyncStream<PodTrace>.Continuation
    private let trace: Mutex<PodTrace>

    init(_ key: NamespacedName) {
        trace = Mutex(PodTrace(key))
        (traces, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var latest: PodTrace { trace.withLock { $0 } }

    func add(_ look: (inout PodTrace, Duration) -> Void) {
        let now = Duration.nanoseconds(WallClock.now())
        continuation.yield(
            trace.withLock { trace in
                look(&trace, now)
                return trace
            })
    }

    func finish() { continuation.finish() }
}
