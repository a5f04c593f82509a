import KubeAPI

/// Decides what becomes of a report as client-go's EventCorrelator does for core/v1 Events: the same thing said again is
/// counted on the Event that said it first; many similar things about one object become one Event; an object about
/// which very much is said is silenced. Pure: time comes in, in nanoseconds since 1970.
struct EventCorrelator {
    struct Policy: Sendable {
        /// Different notes with the same reason before they are put together.
        var similarLimit = 10
        /// Similar reports further apart than this are told apart again.
        var similarWindow: Int64 = 600_000_000_000
        /// Reports about one object at once, and the time for one more.
        var burst = 25
        var refill: Int64 = 300_000_000_000
        /// Events and objects remembered.
        var capacity = 4096
    }

    enum Outcome: Equatable {
        /// A new Event with this note.
        case create(Identity)
        /// The Event that was made for the identity said it `count` times, last now.
        case count(Identity, Int)
    }

    /// What makes two reports the same.
    struct Identity: Hashable {
        var group: Group
        var note: String
    }

    /// What makes two reports similar.
    struct Group: Hashable {
        let regarding: EventReport.Subject
        let severity: EventReport.Severity
        let reason: String
        let action: String
    }

    private struct Similar {
        var notes: Set<String> = []
        var lastSeen: Int64
    }

    private let policy: Policy
    private var counts: [Identity: Int] = [:]
    private var similar: [Group: Similar] = [:]
    private var allowances: EventAllowances

    init(policy: Policy = Policy()) {
        self.policy = policy
        allowances = EventAllowances(burst: policy.burst, refill: policy.refill)
    }

    /// nil when the object has been said too much about.
    mutating func admit(_ report: EventReport, at now: Int64) -> Outcome? {
        guard allowances.take(report.regarding, at: now) else { return nil }
        let identity = identity(of: report, at: now)
        let count = (counts[identity] ?? 0) + 1
        counts[identity] = count
        forget(keeping: identity)
        return count == 1 ? .create(identity) : .count(identity, count)
    }

    /// The Event does not exist any more: the next report makes a new one.
    mutating func lost(_ identity: Identity) { counts[identity] = nil }

    private mutating func identity(of report: EventReport, at now: Int64) -> Identity {
        let group = Group(
            regarding: report.regarding, severity: report.severity, reason: report.reason, action: report.action)
        var known = similar[group] ?? Similar(lastSeen: now)
        if now - known.lastSeen > policy.similarWindow { known.notes = [] }
        known.lastSeen = now
        if known.notes.count < policy.similarLimit { known.notes.insert(report.note) }
        similar[group] = known
        let isOneOfFew = known.notes.contains(report.note) && known.notes.count < policy.similarLimit
        return Identity(group: group, note: isOneOfFew ? report.note : "(combined from similar events): ")
    }

    /// Begins anew when too much is remembered, so that the cost per report stays constant.
    private mutating func forget(keeping identity: Identity) {
        if counts.count > policy.capacity { counts = [identity: counts[identity] ?? 1] }
        if similar.count > policy.capacity { similar = similar.filter { $0.key == identity.group } }
        allowances.forget(beyond: policy.capacity)
    }
}
