import AccessControl
import Glibc
import KubeAPI
import Logging
import Synchronization
import Telemetry
import Threads

/// Writes audit events as lines of JSON. Requests never wait for it: a thread of its own writes, and when it falls
/// behind by `mostWaiting` bytes, events are dropped and counted.
public final class AuditLog: AuditSink {
    static let mostWaiting = 16 << 20

    private struct Queue {
        var lines: [[UInt8]] = []
        var bytes = 0
        var recorded = 0
        var dropped = 0
        var isStopped = false
    }

    private let policy: AuditPolicy
    private let queue = Mutex(Queue())
    private let logger: Logger
    /// Counts batches, and the order to stop.
    nonisolated(unsafe) private let wakeups: UnsafeMutablePointer<sem_t>
    private let thread = Mutex<OwnThread?>(nil)

    public init(policy: AuditPolicy, file: AuditFile, logger: Logger) throws {
        self.policy = policy
        self.logger = logger
        wakeups = .allocate(capacity: 1)
        sem_init(wakeups, 0, 0)
        let writer = try OwnThread { [self] in write(to: file) }
        thread.withLock { $0 = writer }
    }

    /// After `stop`: until then the thread holds the log.
    deinit {
        sem_destroy(wakeups)
        wakeups.deallocate()
    }

    public func level(for attributes: RequestAttributes) -> AuditLevel { policy.rule(for: attributes)?.level ?? .none }

    public func record(_ event: AuditEvent) async { put(event) }

    func put(_ event: AuditEvent) {
        guard event.level > .none,
            policy.rule(for: event.attributes)?.omittedStages.contains(event.stage) == false
        else { return }
        let line = JSONWriter.bytes(event.json) + [UInt8(ascii: "\n")]
        let wakes = queue.withLock { queue in
            guard !queue.isStopped, queue.bytes + line.count <= Self.mostWaiting else {
                queue.dropped += 1
                return false
            }
            queue.lines.append(line)
            queue.recorded += 1
            queue.bytes += line.count
            return queue.lines.count == 1
        }
        if wakes { sem_post(wakeups) }
    }

    /// Events that could not be written; for `apiserver_audit_error_total`.
    public var dropped: Int { queue.withLock { $0.dropped } }

    /// Events taken; for `apiserver_audit_event_total`.
    public var recorded: Int { queue.withLock { $0.recorded } }

    /// `apiserver_audit_*`.
    public func register(in metrics: MetricsRegistry) {
        metrics.measuredCounter(
            "apiserver_audit_event_total", "Counter of audit events generated and sent to the audit backend."
        ) { [self] in Double(recorded) }
        metrics.measuredCounter(
            "apiserver_audit_error_total", "Counter of audit events that failed to be audited properly."
        ) { [self] in Double(dropped) }
    }

    /// Writes what waits, and ends. Blocks the caller until then.
    public func stop() {
        queue.withLock { $0.isStopped = true }
        sem_post(wakeups)
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func write(to file: AuditFile) {
        var file = file
        while true {
            while sem_wait(wakeups) != 0 {}
            let (lines, isStopped) = queue.withLock { queue in
                defer {
                    queue.lines = []
                    queue.bytes = 0
                }
                return (queue.lines, queue.isStopped)
            }
            for (index, line) in lines.enumerated() {
                do {
                    try file.write(line)
                } catch {
                    // The disk is full or the folder gone: the next batch may fare better.
                    queue.withLock { $0.dropped += lines.count - index }
                    logger.error("audit events not written", metadata: ["error": "\(error)"])
                    break
                }
            }
            if isStopped { return file.close() }
        }
    }
}
