import KubeAPI

/// The offsets of a time zone over time, as its file of the tz database says (RFC 9636).
public struct TimeZoneRules: Sendable, Hashable {
    public static let utc = TimeZoneRules(transitions: [], first: 0)

    private struct Transition: Sendable, Hashable {
        /// Seconds since 1970.
        let at: Int64
        /// Seconds east of Greenwich from then on.
        let offset: Int64
    }

    private let transitions: [Transition]
    private let first: Int64

    private init(transitions: [Transition], first: Int64) {
        self.transitions = transitions
        self.first = first
    }

    /// Reads a TZif file of version 2 or newer; nil when it is none. After the last transition of the file its offset
    /// stays.
    public init?(tzif bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard let small = reader.header(), reader.skip(small.bytes(timeSize: 4)), let counts = reader.header() else {
            return nil
        }
        var times: [Int64] = []
        for _ in 0..<counts.times {
            guard let time = reader.integer(8) else { return nil }
            times.append(time)
        }
        guard let indices = reader.take(counts.times) else { return nil }
        var offsets: [Int64] = []
        for _ in 0..<counts.types {
            guard let offset = reader.integer(4), reader.skip(2) else { return nil }
            offsets.append(offset)
        }
        guard let first = offsets.first, indices.allSatisfy({ Int($0) < offsets.count }) else { return nil }
        self.init(
            transitions: zip(times, indices).map { Transition(at: $0, offset: offsets[Int($1)]) }, first: first)
    }

    /// Seconds east of Greenwich at an instant.
    public func offset(at instant: Int64) -> Int64 {
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = low + (high - low) / 2
            if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : transitions[low - 1].offset
    }

    /// RFC 3339, as clocks show it: `2026-07-01T09:00:00+02:00`.
    func text(of instant: Int64) -> String {
        let offset = offset(at: instant)
        let utc = RFC3339.text(seconds: instant + offset)
        guard offset != 0 else { return utc }
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = offset.magnitude / 60
        let sign = offset < 0 ? "-" : "+"
        return "\(utc.dropLast())\(sign)\(two(Int64(minutes / 60))):\(two(Int64(minutes % 60)))"
    }

    /// The earlier instant at which clocks show this; nil when they skip it.
    func instant(_ local: WallTime) -> Int64? {
        let shown = local.secondsSince1970
        // Offsets around that time; a day is more than any change of clocks.
        let candidates = Set([offset(at: shown - 86_400), offset(at: shown), offset(at: shown + 86_400)])
        return candidates.map { shown - $0 }.filter { $0 + offset(at: $0) == shown }.min()
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        struct Counts {
            var utcFlags, standardFlags, leaps, times, types, characters: Int

            func bytes(timeSize: Int) -> Int {
                times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standardFlags + utcFlags
            }
        }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, count <= bytes.count - position else { return nil }
            defer { position += count }
            return bytes[position..<position + count]
        }

        mutating func skip(_ count: Int) -> Bool { take(count) != nil }

        /// Big endian, signed.
        mutating func integer(_ size: Int) -> Int64? {
            guard let slice = take(size) else { return nil }
            let value = slice.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return size == 8 ? Int64(bitPattern: value) : Int64(Int32(truncatingIfNeeded: value))
        }

        mutating func header() -> Counts? {
            guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first,
                version >= UInt8(ascii: "2"), skip(15)
            else { return nil }
            var counts: [Int] = []
            for _ in 0..<6 {
                guard let count = integer(4), count >= 0 else { return nil }
                counts.append(Int(count))
            }
            return Counts(
                utcFlags: counts[0], standardFlags: counts[1], leaps: counts[2], times: counts[3], types: counts[4],
                characters: counts[5])
        }
    }
}
