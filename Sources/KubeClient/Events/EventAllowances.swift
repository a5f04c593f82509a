import KubeAPI

/// How many Events there may be about each object: some at once, and one more after each time that passes, as client-go's
/// spam filter. Pure: time comes in, in any unit.
struct EventAllowances {
    private struct Allowance {
        var posts: Double
        var lastSeen: Int64
    }

    let burst: Int
    /// Time for one more.
    let refill: Int64
    private var allowances: [EventReport.Subject: Allowance] = [:]

    init(burst: Int, refill: Int64) {
        self.burst = burst
        self.refill = refill
    }

    /// False when too much has been said about the object.
    mutating func take(_ subject: EventReport.Subject, at now: Int64) -> Bool {
        var allowance = allowances[subject] ?? Allowance(posts: Double(burst), lastSeen: now)
        let regained = Double(now - allowance.lastSeen) / Double(refill)
        allowance.posts = min(Double(burst), allowance.posts + regained)
        allowance.lastSeen = now
        defer { allowances[subject] = allowance }
        guard allowance.posts >= 1 else { return false }
        allowance.posts -= 1
        return true
    }

    /// Forgets the objects that have been silent longest, half of them at once, so that the cost per report stays constant.
    mutating func forget(beyond capacity: Int) {
        guard allowances.count > capacity else { return }
        let recent = allowances.sorted { $0.value.lastSeen > $1.value.lastSeen }.prefix(capacity / 2)
        allowances = Dictionary(uniqueKeysWithValues: recent.map { ($0.key, $0.value) })
    }
}
