/// Keys and values are bytes; keys are ordered as unsigned bytes.
public typealias Bytes = [UInt8]

/// Counts the transactions that changed anything. An empty store has revision 1, its first change makes 2.
public typealias Revision = Int64

/// A lease's number; 0 is none.
public typealias LeaseID = Int64

/// A key's latest state at some revision, as etcd's `mvccpb.KeyValue`. Copies share their bytes.
public struct KeyValue: Sendable, Hashable {
    public var key: Bytes
    public var value: Bytes
    /// When the key came into being; it stays until the key is deleted.
    public var createRevision: Revision
    /// When the value was put.
    public var modRevision: Revision
    /// How often it was put since it came into being: 1 at first.
    public var version: Int64
    public var lease: LeaseID

    public init(
        key: Bytes, value: Bytes = [], createRevision: Revision = 0, modRevision: Revision = 0, version: Int64 = 0,
        lease: LeaseID = 0
    ) {
        self.key = key
        self.value = value
        self.createRevision = createRevision
        self.modRevision = modRevision
        self.version = version
        self.lease = lease
    }
}

/// One change of one key.
public struct StoreEvent: Sendable, Hashable {
    public enum Kind: Int64, Sendable {
        case put = 0
        case delete = 1
    }

    public var kind: Kind
    /// The new state; of a deletion only key and `modRevision`.
    public var keyValue: KeyValue
    /// The state before; nil for a new key.
    public var previous: KeyValue?

    public init(_ kind: Kind, _ keyValue: KeyValue, previous: KeyValue?) {
        self.kind = kind
        self.keyValue = keyValue
        self.previous = previous
    }

    public var key: Bytes { keyValue.key }
    /// About as many as it has on the wire, with the state before.
    public var bytes: Int {
        key.count + keyValue.value.count + 64 + (previous.map { $0.key.count + $0.value.count + 64 } ?? 0)
    }
    public var revision: Revision { keyValue.modRevision }
}
