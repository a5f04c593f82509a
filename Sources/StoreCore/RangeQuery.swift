/// What to read, as etcd's `RangeRequest`.
public struct RangeQuery: Sendable, Hashable {
    public enum SortTarget: Int, Sendable, CaseIterable { case key, version, create, mod, value }
    public enum SortOrder: Int, Sendable, CaseIterable { case none, ascend, descend }

    public var range: KeyRange
    /// 0 or less for all.
    public var limit: Int64 = 0
    /// 0 or less for the latest.
    public var revision: Revision = 0
    public var sortOrder = SortOrder.none
    public var sortTarget = SortTarget.key
    /// Values are left out.
    public var keysOnly = false
    /// Only `count` is wanted.
    public var countOnly = false
    /// Bounds, inclusive; 0 for none.
    public var minModRevision: Revision = 0
    public var maxModRevision: Revision = 0
    public var minCreateRevision: Revision = 0
    public var maxCreateRevision: Revision = 0

    public init(_ range: KeyRange) { self.range = range }

    var hasBounds: Bool {
        minModRevision != 0 || maxModRevision != 0 || minCreateRevision != 0 || maxCreateRevision != 0
    }

    func admits(_ keyValue: KeyValue) -> Bool {
        (minModRevision == 0 || keyValue.modRevision >= minModRevision)
            && (maxModRevision == 0 || keyValue.modRevision <= maxModRevision)
            && (minCreateRevision == 0 || keyValue.createRevision >= minCreateRevision)
            && (maxCreateRevision == 0 || keyValue.createRevision <= maxCreateRevision)
    }

    /// True when the keys' order is the order wanted, so that reading may stop at `limit`.
    var isInKeyOrder: Bool {
        sortTarget == .key && sortOrder != .descend || sortOrder == .none && sortTarget == .key
    }
}

/// What was read.
public struct RangeResult: Sendable, Hashable {
    public var keyValues: [KeyValue] = []
    /// There are more than `limit`.
    public var more = false
    /// How many keys the range has, whatever limit and bounds say.
    public var count: Int64 = 0

    public init(keyValues: [KeyValue] = [], more: Bool = false, count: Int64 = 0) {
        self.keyValues = keyValues
        self.more = more
        self.count = count
    }

    /// Applies bounds, order and limit to everything that the range holds, which comes in key order.
    init(_ all: [KeyValue], _ query: RangeQuery) {
        count = Int64(all.count)
        guard !query.countOnly else { return }
        var chosen = query.hasBounds ? all.filter(query.admits) : all
        if !query.isInKeyOrder { chosen = Self.sorted(chosen, query) }
        if query.limit > 0, chosen.count > query.limit {
            chosen.removeLast(chosen.count - Int(query.limit))
            more = true
        }
        keyValues = query.keysOnly ? chosen.map(\.withoutValue) : chosen
    }

    /// Stable: keys that are equal in the target stay in key order.
    private static func sorted(_ all: [KeyValue], _ query: RangeQuery) -> [KeyValue] {
        func precedes(_ a: KeyValue, _ b: KeyValue) -> Bool {
            switch query.sortTarget {
            case .key: a.key.precedes(b.key)
            case .version: a.version < b.version
            case .create: a.createRevision < b.createRevision
            case .mod: a.modRevision < b.modRevision
            case .value: a.value.precedes(b.value)
            }
        }
        return query.sortOrder == .descend ? all.sorted { precedes($1, $0) } : all.sorted(by: precedes)
    }
}

extension KeyValue {
    var withoutValue: KeyValue {
        var copy = self
        copy.value = []
        return copy
    }
}
