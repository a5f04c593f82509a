/// Delays between attempts: 10 s, doubled up to 5 min, forgotten after 10 min without trouble (kubelet's MaxContainerBackOff).
struct RestartBackoff: Sendable, Hashable {
    static let first = 10 * Seconds.one
    static let longest = 300 * Seconds.one

    /// Nanoseconds; 0 before the first failure.
    private(set) var delay: Int64 = 0

    /// The time of the next attempt after a failure at `time`. The first attempt anew is made at once.
    func next(after time: Int64) -> Int64 { time &+ delay }

    /// An attempt is made now, after a failure at `time` of something that had gone well for `lasted`.
    mutating func attempt(lasted: Int64) {
        delay = delay == 0 || lasted > 2 * Self.longest ? Self.first : min(2 * delay, Self.longest)
    }

    /// `10s`, `1m20s`, as Go writes it.
    var text: String {
        let seconds = delay / Seconds.one
        return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }
}
