import KubeAPI

/// Decides which reports are worth an Event. Equal ones within a window become one series; an object about which
/// very much is said is silenced. Pure: time comes in, in microseconds.
struct EventAggregator {
    struct Policy: Sendable {
        /// Repetitions within this time are counted, not posted.
        var window = 360_000_000
        /// Posts about one object at once, and the time for one more, as client-go's spam filter.
        var burst = 25
        var refill = 300_000_000
        /// Series and objects remembered; the longest silent are forgotten first.
        var capacity = 1024

        init() {}
    }

    private struct Key: Hashable {
        let regarding: EventReport.Subject
        let severity: EventReport.Severity
        let reason: String
        let action: String
    }

    private struct Series {
        var firstSeen: Int
        var lastSeen: Int
        var posted: Int
        var held = 0
    }

    private let policy: Policy
    private var series: [Key: Series] = [:]
    private var allowances: EventAllowances

    init(policy: Policy = Policy()) {
        self.policy = policy
        allowances = EventAllowances(burst: policy.burst, refill: Int64(policy.refill))
    }

    /// What to post for a report made at `now`; nil when it only counts.
    mutating func admit(_ report: EventReport, at now: Int) -> EventPost? {
        let key = Key(
            regarding: report.regarding, severity: report.severity, reason: report.reason, action: report.action)
        var known = series[key] ?? Series(firstSeen: now, lastSeen: now, posted: .min)
        known.lastSeen = now
        known.held += 1
        defer {
            series[key] = known
            forget()
        }
        guard known.posted == .min || now - known.posted >= policy.window,
            allowances.take(report.regarding, at: Int64(now))
        else { return nil }
        let count = known.held
        let post = EventPost(
            report: report, firstSeen: count > 1 ? known.firstSeen : now,
            series: count > 1 ? .init(count: count, lastSeen: now) : nil)
        known = Series(firstSeen: now, lastSeen: now, posted: now)
        return post
    }

    /// Halves what is remembered once it is too much, so that the cost per report stays constant.
    private mutating func forget() {
        if series.count > policy.capacity {
            let recent = series.sorted { $0.value.lastSeen > $1.value.lastSeen }.prefix(policy.capacity / 2)
            series = Dictionary(uniqueKeysWithValues: recent.map { ($0.key, $0.value) })
        }
        allowances.forget(beyond: policy.capacity)
    }
}
