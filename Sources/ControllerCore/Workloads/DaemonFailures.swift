import KubeAPI

/// When a DaemonSet's failed pods were replaced last, by node, so that a pod that fails at once is not made anew as fast
/// as the API answers: after 1 s, doubled with each failure up to 15 minutes, as upstream.
public struct DaemonFailures: Sendable {
    static let first = Timestamp.second
    static let longest = 900 * Timestamp.second

    private struct Entry: Sendable {
        var pause: Int64
        var last: Int64
    }

    private var template = ""
    private var entries: [String: Entry] = [:]

    public init() {}

    /// A set that was changed gets its chance at once; nodes that are no more are forgotten.
    mutating func begin(_ set: APIObject, nodes: [APIObject]) {
        let current = "\(set.uid)/\(set.generation)"
        if template != current { entries = [:] }
        template = current
        guard !entries.isEmpty else { return }
        let names = Set(nodes.map(\.name))
        entries = entries.filter { names.contains($0.key) }
    }

    /// What is left of the pause; nil when a failed pod may be replaced.
    func wait(on node: String, now: Int64) -> Duration? {
        guard let entry = entries[node] else { return nil }
        let left = entry.last + entry.pause - now
        return left > 0 ? .nanoseconds(min(left, entry.pause)) : nil
    }

    /// A failed pod is replaced. After two of the longest pauses without failure the node counts as well.
    mutating func note(on node: String, now: Int64) {
        let known = entries[node].flatMap { now - $0.last > 2 * Self.longest ? nil : $0.pause }
        entries[node] = Entry(pause: known.map { min($0 * 2, Self.longest) } ?? Self.first, last: now)
    }
}
