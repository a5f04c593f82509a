import StoreCore

/// Requests applied one after the other to a copy of the state, to be committed together.
struct WriteBatch {
    private(set) var space: KeySpace
    private(set) var changes: [StoreChange] = []
    /// One element for each revision.
    private(set) var events: [[StoreEvent]] = []
    /// To be called when the batch is on disk, or with the reason why it is not.
    private var answers: [@Sendable ((any Error)?) -> Void] = []
    private let now: Int64
    private var random = SystemRandomNumberGenerator()

    init(_ space: KeySpace, now: Int64) {
        self.space = space
        self.now = now
    }

    /// What is refused is answered at once: it changes nothing.
    mutating func perform(_ request: WriteQueue.Request, _ past: KeySpace.Past) {
        do {
            switch request {
            case .apply(let transaction, let done):
                let applied = try space.apply(transaction, past)
                add(applied.events)
                answer(applied.result, done)
            case .compact(let revision, let done):
                try space.compact(revision)
                changes.append(.compacted(revision))
                answer((), done)
            case .grant(let id, let seconds, let done):
                let lease = try space.grant(id, fresh: freshLease(), seconds: seconds, now: now)
                changes.append(.lease(lease))
                answer(lease, done)
            case .keepAlive(let id, let done):
                let lease = try space.keepAlive(id, now: now)
                changes.append(.lease(lease))
                answer(lease, done)
            case .revoke(let id, let done):
                let applied = try space.revoke(id)
                changes.append(.leaseGone(id))
                add(applied.events)
                answer(applied.result.revision, done)
            case .shiftLeases(let milliseconds):
                changes += space.shiftLeases(milliseconds: milliseconds).map(StoreChange.lease)
            }
        } catch {
            request.fail(error)
        }
    }

    private mutating func add(_ events: [StoreEvent]) {
        guard !events.isEmpty else { return }
        changes.append(.events(events))
        self.events.append(events)
    }

    private mutating func answer<Value: Sendable>(
        _ value: Value, _ done: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        answers.append { error in done(error.map { .failure($0) } ?? .success(value)) }
    }

    private mutating func freshLease() -> LeaseID {
        while true {
            let id = LeaseID.random(in: 1 ... .max, using: &random)
            if space.leases[id] == nil { return id }
        }
    }

    func acknowledge() { for answer in answers { answer(nil) } }
    func fail(_ error: any Error) { for answer in answers { answer(error) } }
}
