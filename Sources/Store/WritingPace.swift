import StoreCore

/// Whether somebody who asks for a write now is the only one who does, and would not wait long for the disk.
struct WritingPace: Sendable {
    private static let quickCommit = Duration.milliseconds(1)
    /// What comes sooner after a commit has waited for it, so that there are several who write: one commit for all of
    /// them is better than one for each.
    private static let pause = Duration.microseconds(50)

    private var last: (requests: Int, time: Duration, end: ContinuousClock.Instant)?

    /// A commit, of so many requests.
    mutating func note(requests: Int, time: Duration, end: ContinuousClock.Instant) {
        last = (requests, time, end)
    }

    func isLone(at now: ContinuousClock.Instant) -> Bool {
        guard let last else { return false }
        return last.requests == 1 && last.time < Self.quickCommit && now - last.end > Self.pause
    }
}

extension Transaction {
    private static let mostOperations = 4

    /// Of few keys, which are in memory.
    var isShort: Bool {
        let operations = success + failure
        return operations.count <= Self.mostOperations && compares.count <= Self.mostOperations
            && compares.allSatisfy(\.range.isSingle)
            && operations.allSatisfy { operation in
                switch operation {
                case .put: true
                case .delete(let delete): delete.range.isSingle
                case .range(let query): query.range.isSingle && query.revision <= 0
                case .transaction: false
                }
            }
    }
}
