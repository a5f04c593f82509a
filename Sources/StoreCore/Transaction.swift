/// `if` all compares hold `then` the one list of operations `else` the other: all of it at one revision, or nothing.
public struct Transaction: Sendable, Hashable {
    public var compares: [Compare]
    public var success: [Operation]
    public var failure: [Operation]

    public init(compares: [Compare] = [], success: [Operation] = [], failure: [Operation] = []) {
        self.compares = compares
        self.success = success
        self.failure = failure
    }
}

/// A condition on a key, or on every key of a range. A key that is not there counts as all zeros, and has no value.
public struct Compare: Sendable, Hashable {
    public enum Target: Sendable, Hashable {
        case version(Int64)
        case createRevision(Revision)
        case modRevision(Revision)
        case value(Bytes)
        case lease(LeaseID)
    }

    public enum Relation: Int, Sendable { case equal, greater, less, notEqual }

    public var range: KeyRange
    public var target: Target
    public var relation: Relation

    public init(_ range: KeyRange, _ relation: Relation, _ target: Target) {
        self.range = range
        self.relation = relation
        self.target = target
    }

    func holds(for found: [KeyValue]) -> Bool {
        guard found.isEmpty else { return found.allSatisfy(holds) }
        if case .value = target { return false }
        return holds(for: KeyValue(key: range.start))
    }

    private func holds(for keyValue: KeyValue) -> Bool {
        switch target {
        case .version(let version): relates(keyValue.version, version)
        case .createRevision(let revision): relates(keyValue.createRevision, revision)
        case .modRevision(let revision): relates(keyValue.modRevision, revision)
        case .lease(let lease): relates(keyValue.lease, lease)
        case .value(let value):
            switch relation {
            case .equal: keyValue.value == value
            case .notEqual: keyValue.value != value
            case .greater: value.precedes(keyValue.value)
            case .less: keyValue.value.precedes(value)
            }
        }
    }

    private func relates(_ actual: Int64, _ wanted: Int64) -> Bool {
        switch relation {
        case .equal: actual == wanted
        case .notEqual: actual != wanted
        case .greater: actual > wanted
        case .less: actual < wanted
        }
    }
}

public indirect enum Operation: Sendable, Hashable {
    case range(RangeQuery)
    case put(Put)
    case delete(Delete)
    case transaction(Transaction)

    public struct Put: Sendable, Hashable {
        public var key: Bytes
        public var value: Bytes
        public var lease: LeaseID
        public var returnsPrevious = false
        /// Keeps the value that is there; the key must exist.
        public var ignoresValue = false
        /// Keeps the lease that is there; the key must exist.
        public var ignoresLease = false

        public init(_ key: Bytes, _ value: Bytes, lease: LeaseID = 0) {
            self.key = key
            self.value = value
            self.lease = lease
        }
    }

    public struct Delete: Sendable, Hashable {
        public var range: KeyRange
        public var returnsPrevious = false

        public init(_ range: KeyRange) { self.range = range }
    }
}

/// What an operation returned.
public indirect enum OperationResult: Sendable, Hashable {
    case range(RangeResult)
    /// The state before, if it was asked for and there was one.
    case put(previous: KeyValue?)
    case delete(count: Int64, previous: [KeyValue])
    case transaction(TransactionResult)
}

public struct TransactionResult: Sendable, Hashable {
    public var succeeded: Bool
    public var results: [OperationResult]
    /// The store's after it.
    public var revision: Revision

    public init(succeeded: Bool, results: [OperationResult], revision: Revision) {
        self.succeeded = succeeded
        self.results = results
        self.revision = revision
    }
}
