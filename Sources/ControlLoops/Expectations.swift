/// What a controller has asked for and not yet seen in its informer, by the key of the object that asked.
///
/// While an object's expectations are open its cache is known to be behind, and nothing more is created or deleted for
/// it: this keeps a slow watch from making twice as many pods. After `timeout` they are given up, because an event can
/// be lost only by a bug, and waiting for ever would be a worse one. As client-go's ControllerExpectations.
public struct Expectations<Key: Hashable & Sendable, Instant: InstantProtocol>: Sendable
where Instant.Duration == Duration {
    private struct Open: Sendable {
        var creations = 0
        var deletions: Set<String> = []
        let since: Instant
    }

    private let timeout: Duration
    private var open: [Key: Open] = [:]

    public init(timeout: Duration = .seconds(300)) { self.timeout = timeout }

    /// `creations` objects and the disappearance of `deletions` (uids) will be seen. Replaces what was open.
    public mutating func expect(creations: Int = 0, deletions: some Sequence<String> = [], of key: Key, now: Instant) {
        let entry = Open(creations: max(0, creations), deletions: Set(deletions), since: now)
        open[key] = entry.creations > 0 || !entry.deletions.isEmpty ? entry : nil
    }

    /// A creation was seen, or failed.
    public mutating func creationObserved(_ key: Key, count: Int = 1) {
        guard let known = open[key], known.creations > 0 else { return }
        open[key]?.creations = max(0, known.creations - count)
        close(key)
    }

    /// The deletion of `uid` was seen, or failed.
    public mutating func deletionObserved(_ key: Key, uid: String) {
        guard open[key]?.deletions.remove(uid) != nil else { return }
        close(key)
    }

    private mutating func close(_ key: Key) {
        if let known = open[key], known.creations == 0, known.deletions.isEmpty { open[key] = nil }
    }

    public func isSatisfied(_ key: Key, now: Instant) -> Bool {
        guard let known = open[key] else { return true }
        return known.since.duration(to: now) > timeout
    }

    /// The object is gone.
    public mutating func forget(_ key: Key) { open[key] = nil }
}
