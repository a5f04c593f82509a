/// Why the store refused; nothing has changed.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked for is older than what has been kept; `revision` is the oldest that can be read.
    case compacted(Revision)
    /// Nobody has written that revision yet; `revision` is the latest.
    case futureRevision(Revision)
    /// A put that keeps value or lease needs the key to exist.
    case keyNotFound
    case emptyKey
    /// A transaction may change a key only once.
    case duplicateKey
    case tooManyOperations(limit: Int)
    /// One revision would change more keys than it has places for.
    case tooManyChanges(limit: Int)
    case leaseNotFound
    case leaseExists
    case leaseTimeTooLong(limit: Int64)
    /// The engine failed: disk full, file damaged, closed.
    case unavailable(String)

    /// etcd's own words where it has them: clients look for them.
    public var description: String {
        switch self {
        case .compacted: "etcdserver: mvcc: required revision has been compacted"
        case .futureRevision: "etcdserver: mvcc: required revision is a future revision"
        case .keyNotFound: "etcdserver: key not found"
        case .emptyKey: "etcdserver: key is not provided"
        case .duplicateKey: "etcdserver: duplicate key given in txn request"
        case .tooManyOperations: "etcdserver: too many operations in txn request"
        case .tooManyChanges(let limit): "more than \(limit) keys would change at one revision: take a smaller range"
        case .leaseNotFound: "etcdserver: requested lease not found"
        case .leaseExists: "etcdserver: lease already exists"
        case .leaseTimeTooLong: "etcdserver: too large lease TTL"
        case .unavailable(let reason): reason
        }
    }
}
