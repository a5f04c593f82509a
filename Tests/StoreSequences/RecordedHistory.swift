import StoreCore

/// What concurrent clients did, when, and what they were told.
public struct RecordedCall: Sendable {
    public enum Kind: Sendable {
        case transaction(Transaction, TransactionResult)
        case read(RangeQuery, RangeResult, Revision)
        case revoke(LeaseID, Revision)
    }

    public let start: ContinuousClock.Instant
    public let end: ContinuousClock.Instant
    public let kind: Kind

    public init(_ kind: Kind, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        self.kind = kind
        self.start = start
        self.end = end
    }

    /// The revision that the call was told.
    var revision: Revision {
        switch kind {
        case .transaction(_, let result): result.revision
        case .read(_, _, let revision): revision
        case .revoke(_, let revision): revision
        }
    }

    /// True when the call says that it made the revision.
    var changed: Bool {
        guard case .transaction(_, let result) = kind else { return false }
        return result.changed
    }
}

extension TransactionResult {
    fileprivate var changed: Bool {
        results.contains { result in
            switch result {
            case .put: true
            case .delete(let count, _): count > 0
            case .transaction(let nested): nested.changed
            case .range: false
            }
        }
    }
}

/// Decides whether a history is linearizable (Herlihy and Wing, 1990). The store itself names the order, by revisions, so
/// that it need not be searched for: each call must have the result that a single client would get in that order, and
/// none may come before a call that ended before it began.
public struct LinearizabilityCheck {
    private var model = ModelStore()
    private let calls: [RecordedCall]
    private let log: [[StoreEvent]]

    /// - Parameters:
    ///   - leases: granted before everything else.
    ///   - log: what a watch of everything saw.
    public init(_ calls: [RecordedCall], leases: [LeaseID], log: [StoreEvent]) {
        self.calls = calls.sorted {
            if $0.revision != $1.revision { return $0.revision < $1.revision }
            if $0.changed != $1.changed { return $0.changed }
            return $0.start < $1.start
        }
        var revisions: [[StoreEvent]] = []
        for event in log {
            if revisions.last?.last?.revision == event.revision {
                revisions[revisions.count - 1].append(event)
            } else {
                revisions.append([event])
            }
        }
        self.log = revisions
        for lease in leases { model.grant(lease) }
    }

    /// What is wrong with the history; nil when nothing is.
    public mutating func fault() -> String? {
        if let fault = orderFault() { return fault }
        for call in calls {
            if let fault = replayFault(call) { return fault }
        }
        if let fault = leaseFault(upTo: Revision(log.count) + 1) { return fault }
        let replayed = (try? model.events(.all, from: 0)) ?? []
        return replayed == Array(log.joined()) ? nil : "the watch saw other changes than the calls made"
    }

    /// Looking back, the earliest end of what comes later.
    private func orderFault() -> String? {
        var earliest: RecordedCall?
        for call in calls.reversed() {
            if let later = earliest, later.end < call.start {
                return "a call at revision \(later.revision) ended before one at \(call.revision) began"
            }
            if earliest.map({ call.end < $0.end }) ?? true { earliest = call }
        }
        return nil
    }

    private mutating func replayFault(_ call: RecordedCall) -> String? {
        if let fault = leaseFault(upTo: call.changed ? call.revision - 1 : call.revision) { return fault }
        switch call.kind {
        case .transaction(let transaction, let result):
            let expected = try? model.apply(transaction)
            if expected != result { return "\(transaction) returned \(result), not \(String(describing: expected))" }
        case .read(let query, let result, let revision):
            var then = query
            then.revision = revision
            let expected = try? model.range(then)
            if expected != result { return "\(query) read \(result), not \(String(describing: expected))" }
        case .revoke(_, let revision):
            if model.revision < revision { return "a lease was revoked at \(revision), which nobody saw" }
        }
        return nil
    }

    /// Revisions that no transaction made are leases' ends: their keys go, all of a lease at once.
    private mutating func leaseFault(upTo revision: Revision) -> String? {
        while model.revision < revision {
            let index = Int(model.revision) - 1
            guard index < log.count, let key = log[index].first?.key,
                let lease = model.state(at: model.revision).first(where: { $0.key == key })?.lease, lease != 0
            else { return "nobody made revision \(model.revision + 1)" }
            guard (try? model.revoke(lease)) != nil else { return "lease \(lease) ended twice" }
            let made = (try? model.events(.all, from: model.revision)) ?? []
            if made != log[index] { return "the end of lease \(lease) made \(log[index]), not \(made)" }
        }
        return nil
    }
}
