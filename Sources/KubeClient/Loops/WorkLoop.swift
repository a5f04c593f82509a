import ControlLoops
import Logging
import Synchronization

/// Workers on a queue: the shell around `WorkQueue`. A key is worked on by one worker at a time; one that fails comes
/// again after its backoff.
public final class WorkLoop<Key: Hashable & Sendable>: Sendable {
    public typealias Queue = WorkQueue<Key, ContinuousClock.Instant>
    /// Works on one item; a time says when to look at it again even if nothing happens.
    public typealias Work = @Sendable (Key) async throws -> Duration?
    /// Hears, after each work, for how long the item had waited and how long the work took.
    public typealias Observer = @Sendable (_ waited: Duration, _ worked: Duration) -> Void

    /// What metrics show of a queue.
    public struct Figures: Sendable {
        /// Items waiting now.
        public var depth: Int
        public var additions: Int
        public var retries: Int
        /// Of the items in work.
        public var workTimes: [Duration]
    }

    public let name: String
    private let logger: Logger
    private let observer: Observer?
    private let queue: Mutex<Queue>
    private let signals: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    public init(
        _ name: String, policy: RetryLimiter<Key, ContinuousClock.Instant>.Policy = .init(), logger: Logger,
        observer: Observer? = nil
    ) {
        self.name = name
        self.observer = observer
        var logger = logger
        logger[metadataKey: "controller"] = "\(name)"
        self.logger = logger
        queue = Mutex(Queue(policy, now: .now))
        (signals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public func add(_ key: Key) {
        queue.withLock { $0.add(key, now: .now) }
        wake.yield()
    }

    public func add(_ key: Key, after delay: Duration) {
        queue.withLock { $0.add(key, after: delay, now: .now) }
        wake.yield()
    }

    public var figures: Figures {
        queue.withLock { queue in
            Figures(
                depth: queue.count, additions: queue.additions, retries: queue.retries,
                workTimes: queue.workTimes(now: .now))
        }
    }

    /// Nothing waits, is in work, or is delayed.
    public var isIdle: Bool { queue.withLock { $0.isIdle } }

    /// Works until the task is cancelled, with at most `workers` items at a time. May run once at a time.
    public func run(workers: Int, _ work: @escaping Work) async {
        await withDiscardingTaskGroup { group in
            var timer: (due: ContinuousClock.Instant, task: Task<Void, Never>)?
            defer { timer?.task.cancel() }
            wake.yield()
            for await _ in signals {
                let (items, due) = take(workers)
                for item in items { group.addTask { await self.process(item, work) } }
                guard due != timer?.due else { continue }
                timer?.task.cancel()
                timer = due.map { due in (due, Task { await self.ring(at: due) }) }
            }
            group.cancelAll()
        }
    }

    /// As many items as there are idle workers, and when the next delayed one is due.
    private func take(_ workers: Int) -> ([Item], ContinuousClock.Instant?) {
        queue.withLock { queue in
            var items: [Item] = []
            let now = ContinuousClock.now
            while queue.inWorkCount < workers, let key = queue.next(now: now) {
                items.append(Item(key: key, waited: queue.lastWait))
            }
            return (items, queue.nextDue)
        }
    }

    private struct Item {
        let key: Key
        let waited: Duration
    }

    private func ring(at due: ContinuousClock.Instant) async {
        do {
            try await Task.sleep(until: due, clock: .continuous)
            wake.yield()
        } catch {
            // Another time is waited for, or the loop ends.
        }
    }

    private func process(_ item: Item, _ work: Work) async {
        let (key, start) = (item.key, ContinuousClock.now)
        defer { observer?(item.waited, .now - start) }
        do {
            let again = try await work(key)
            queue.withLock { queue in
                queue.forget(key)
                if let again { queue.add(key, after: max(again, .milliseconds(1)), now: .now) }
                queue.done(key)
            }
        } catch {
            let failures = queue.withLock { queue in
                queue.retry(key, now: .now)
                queue.done(key)
                return queue.failureCount(key)
            }
            if !Task.isCancelled { report(error, key, failures) }
        }
        wake.yield()
    }

    /// Conflicts are the everyday outcome of a cache that is a moment behind.
    private func report(_ error: any Error, _ key: Key, _ failures: Int) {
        let isOrdinary = (error as? ClientError)?.isConflict == true || error is CancellationError
        logger.log(
            level: isOrdinary || failures < 3 ? .debug : .warning, "will be tried again",
            metadata: ["key": "\(key)", "failures": "\(failures)", "error": "\(error)"])
    }
}
