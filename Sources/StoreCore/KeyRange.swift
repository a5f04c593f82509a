/// Which keys a request is about: etcd's `key` and `range_end`.
public struct KeyRange: Sendable, Hashable {
    public let start: Bytes
    /// Exclusive; nil for the one key `start`, empty for every key from `start` on.
    public let end: Bytes?

    public init(key: Bytes) {
        start = key
        end = nil
    }

    /// `start` to `end`, without `end`.
    public init(_ start: Bytes, _ end: Bytes) {
        self.start = start
        self.end = end
    }

    /// As on the wire: an absent end means one key, a single zero byte everything from `key` on.
    public init(key: Bytes, rangeEnd: Bytes) {
        start = key
        end = rangeEnd.isEmpty ? nil : rangeEnd == [0] ? [] : rangeEnd
    }

    public init(prefix: Bytes) {
        start = prefix
        end = Self.end(ofPrefix: prefix)
    }

    public static let all = KeyRange([], [])

    /// The first key after all that begin so; empty when there is none.
    static func end(ofPrefix prefix: Bytes) -> Bytes {
        var end = prefix
        while let last = end.popLast() {
            if last < 0xff { return end + [last + 1] }
        }
        return []
    }

    public var isSingle: Bool { end == nil }

    /// True when no key can be in it.
    public var isEmpty: Bool {
        guard let end, !end.isEmpty else { return false }
        return !start.precedes(end)
    }

    public func contains(_ key: Bytes) -> Bool {
        guard let end else { return key == start }
        return !key.precedes(start) && (end.isEmpty || key.precedes(end))
    }

    public func overlaps(_ other: KeyRange) -> Bool {
        if isSingle { return other.contains(start) }
        if other.isSingle { return contains(other.start) }
        return !isEmpty && !other.isEmpty && startsBefore(endOf: other) && other.startsBefore(endOf: self)
    }

    private func startsBefore(endOf other: KeyRange) -> Bool {
        guard let end = other.end else { return !other.start.precedes(start) }
        return end.isEmpty || start.precedes(end)
    }
}

extension [UInt8] {
    /// Lexicographic order of unsigned bytes.
    public func precedes(_ other: [UInt8]) -> Bool {
        withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { theirs in
                let common = Swift.min(mine.count, theirs.count)
                var index = 0
                while index < common {
                    if mine[index] != theirs[index] { return mine[index] < theirs[index] }
                    index += 1
                }
                return mine.count < theirs.count
            }
        }
    }
}
