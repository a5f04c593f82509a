import KubeAPI
import NetTypes

/// Which parts of the cluster's ranges belong to which node.
///
/// Parts are numbered from the beginning of a range; the first free one is taken. What a node already has is its own,
/// also when it lies outside the ranges. Pure; finding a free part looks at bits, not at nodes.
public struct PodRanges: Sendable {
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private struct Pool: Sendable {
        let range: CIDR
        let length: UInt8
        let count: Int
        var taken: Set<Int> = []
        /// Below it everything is taken.
        var first = 0

        init?(_ range: CIDR, length: Int) {
            guard length >= Int(range.prefixLength), length <= Int(range.family.bits) else { return nil }
            self.range = range
            self.length = UInt8(length)
            count = 1 << min(16, length - Int(range.prefixLength))
        }

        func part(_ index: Int) -> CIDR? {
            let shift = Int(range.family.bits) - Int(length)
            let (high, low) = (range.address.high, range.address.low)
            let offset = UInt64(index)
            let address =
                shift >= 64
                ? IPAddress(high: high | (offset << UInt64(shift - 64)), low: low)
                : IPAddress(
                    high: high | (shift == 0 ? 0 : offset >> UInt64(64 - shift)), low: low | (offset << UInt64(shift)))
            return CIDR(address, prefixLength: length)
        }

        /// The numbers of the parts that a range touches.
        func indices(of other: CIDR) -> Range<Int> {
            guard other.family == range.family else { return 0..<0 }
            if other.contains(range) { return 0..<count }
            guard range.contains(other) else { return 0..<0 }
            let lower = index(of: other.address)
            return lower..<(index(of: other.last) + 1)
        }

        private func index(of address: IPAddress) -> Int {
            let shift = Int(range.family.bits) - Int(length)
            let high = address.high ^ range.address.high
            let low = address.low ^ range.address.low
            let number =
                shift >= 64
                ? high >> UInt64(shift - 64) : (low >> UInt64(shift)) | (shift == 0 ? 0 : high << UInt64(64 - shift))
            return min(Int(clamping: number), count - 1)
        }

        mutating func take() -> Int? {
            while first < count, taken.contains(first) { first += 1 }
            guard first < count else { return nil }
            taken.insert(first)
            return first
        }

        mutating func release(_ index: Int) {
            taken.remove(index)
            first = min(first, index)
        }
    }

    private var pools: [Pool] = []
    private var owned: [String: [String]] = [:]

    /// - Parameters:
    ///   - ranges: one per family at most, such as `10.244.0.0/16`.
    ///   - excluded: ranges that no node gets, such as that of cluster IPs.
    public init(_ ranges: [String], maskIPv4: Int, maskIPv6: Int, excluded: [String] = []) throws(Refusal) {
        for text in ranges {
            guard let range = CIDR(text) else {
                throw Refusal(description: "\(text) is no range; write it as 10.244.0.0/16")
            }
            let length = range.family == .ipv4 ? maskIPv4 : maskIPv6
            guard let pool = Pool(range, length: length) else {
                throw Refusal(description: "the range \(text) has no parts with prefix length \(length)")
            }
            guard !pools.contains(where: { $0.range.family == range.family }) else {
                throw Refusal(description: "\(text): give one range per family")
            }
            pools.append(pool)
        }
        for text in excluded { CIDR(text).map { occupy($0) } }
    }

    private mutating func occupy(_ range: CIDR) {
        for index in pools.indices { pools[index].taken.formUnion(pools[index].indices(of: range)) }
    }

    /// What a node has already.
    public mutating func note(_ node: APIObject) {
        let ranges = Self.ranges(of: node)
        guard !ranges.isEmpty, owned[node.name] == nil else { return }
        owned[node.name] = ranges
        for text in ranges { CIDR(text).map { occupy($0) } }
    }

    public static func ranges(of node: APIObject) -> [String] {
        let all = node.spec?["podCIDRs"]?.array?.compactMap(\.string) ?? []
        return all.isEmpty ? [node.spec?["podCIDR"]?.string].compactMap { $0 } : all
    }

    /// One part of each range for a node that has none; the same ones when it is asked again.
    public mutating func allocate(_ node: APIObject) -> Decision {
        note(node)
        guard Self.ranges(of: node).isEmpty, !node.isBeingDeleted else { return Decision() }
        if owned[node.name] == nil {
            var parts: [String] = []
            for index in pools.indices {
                guard let part = pools[index].take().flatMap({ pools[index].part($0) }) else {
                    for text in parts { release(text) }
                    return Decision(
                        events: [EventText("CIDRNotAvailable", "Node \(node.name) status is now: CIDRNotAvailable")],
                        requeueAfter: .seconds(30))
                }
                parts.append(part.description)
            }
            owned[node.name] = parts
        }
        guard let ranges = owned[node.name], let first = ranges.first else { return Decision() }
        return Decision([
            Action(
                .patch(
                    .node, node.key, .merge,
                    ["spec": ["podCIDR": .string(first), "podCIDRs": .array(ranges.map { .string($0) })]]))
        ])
    }

    /// The node is gone.
    public mutating func release(node: String) {
        for text in owned.removeValue(forKey: node) ?? [] { release(text) }
    }

    private mutating func release(_ text: String) {
        guard let range = CIDR(text) else { return }
        for index in pools.indices {
            for part in pools[index].indices(of: range) { pools[index].release(part) }
        }
    }
}
