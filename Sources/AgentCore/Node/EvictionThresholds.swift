import KubeSchema

/// How little may be left of a node's memory, disk and process numbers before pods must go: kubelet's `evictionHard`, such as
/// `memory.available<100Mi,nodefs.available<10%,pid.available<5%`.
public struct EvictionThresholds: Sendable, Hashable {
    /// What there is, in bytes or processes.
    public struct Reading: Sendable, Hashable {
        public var available: Int64
        public var total: Int64

        public init(available: Int64, total: Int64) {
            self.available = available
            self.total = total
        }
    }

    enum Amount: Sendable, Hashable {
        case absolute(Int64)
        /// Of the whole.
        case share(Double)
    }

    /// kubelet's own.
    public static let usual = "memory.available<100Mi,nodefs.available<10%,pid.available<2%"

    private static let signals: [String: Eviction.Shortage] = [
        "memory.available": .memory, "nodefs.available": .disk, "pid.available": .processes,
    ]

    private var amounts: [Eviction.Shortage: Amount] = [:]

    /// Throws the sentence that says which part is not understood.
    public init(_ text: String) throws(ConfigurationFailure) {
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "<").map { $0.filter { $0 != " " } }
            guard sides.count == 2, let signal = Self.signals[sides[0]], let amount = Self.amount(sides[1]) else {
                throw ConfigurationFailure(
                    "the eviction threshold \"\(part)\" is not understood; write it as memory.available<100Mi")
            }
            amounts[signal] = amount
        }
    }

    private static func amount(_ text: String) -> Amount? {
        if text.hasSuffix("%") {
            return Double(text.dropLast()).flatMap { $0 >= 0 && $0 <= 100 ? .share($0 / 100) : nil }
        }
        return (try? Quantity(parsing: text)).map { .absolute($0.value) }
    }

    /// How much of `total` must be left, in bytes or processes; nothing without a threshold.
    public func least(_ kind: Eviction.Shortage, of total: Int64) -> Int64 {
        switch amounts[kind] {
        case .absolute(let value): value
        case .share(let share): Int64(Double(total) * share)
        case nil: 0
        }
    }

    /// What the node is short of.
    public func shortages(_ readings: [Eviction.Shortage: Reading]) -> Set<Eviction.Shortage> {
        Set(
            readings.compactMap { kind, reading in
                reading.total > 0 && reading.available < least(kind, of: reading.total) ? kind : nil
            })
    }
}
