import NetTypes

/// One endpoint of a service port, as seen from this node.
public struct EndpointCandidate: Hashable, Sendable {
    /// What the choice asks of an endpoint.
    public struct Traits: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let ready = Traits(rawValue: 1 << 0)
        public static let serving = Traits(rawValue: 1 << 1)
        public static let terminating = Traits(rawValue: 1 << 2)
        /// Runs on this node.
        public static let local = Traits(rawValue: 1 << 3)
        /// The slice does not say where it runs.
        public static let unknownNode = Traits(rawValue: 1 << 4)
        public static let hasNodeHints = Traits(rawValue: 1 << 5)
        /// One of its node hints names this node.
        public static let hintedToNode = Traits(rawValue: 1 << 6)
        public static let hasZoneHints = Traits(rawValue: 1 << 7)
        /// One of its zone hints names this node's zone.
        public static let hintedToZone = Traits(rawValue: 1 << 8)
    }

    public let target: AddressPort
    /// 0 takes no new connections.
    public let weight: UInt16
    public let traits: Traits

    public init(_ target: AddressPort, weight: UInt16 = 1, traits: Traits) {
        self.target = target
        self.weight = weight
        self.traits = traits
    }

    /// The first choice.
    var isReady: Bool { traits.contains(.ready) && weight > 0 }
    /// The choice when nothing is ready.
    var isServingTerminating: Bool { traits.isSuperset(of: [.serving, .terminating]) && weight > 0 }

    /// Ascending by target; of equal targets the one that counts comes first: one that is not terminating, then ready,
    /// serving, local. The rest only makes the order total, so that the order of slices decides nothing.
    static func precedes(_ a: EndpointCandidate, _ b: EndpointCandidate) -> Bool {
        a.target != b.target ? a.target < b.target : a.rank < b.rank
    }

    private var rank: UInt32 {
        var rank: UInt32 = traits.contains(.terminating) ? 8 : 0
        if !traits.contains(.ready) { rank += 4 }
        if !traits.contains(.serving) { rank += 2 }
        if !traits.contains(.local) { rank += 1 }
        return rank << 25 | UInt32(traits.rawValue) << 16 | UInt32(UInt16.max - weight)
    }

    /// In canonical order, each target once.
    static func canonical(_ candidates: [EndpointCandidate]) -> [EndpointCandidate] {
        let isCanonical = zip(candidates, candidates.dropFirst()).allSatisfy { $0.target < $1.target }
        if isCanonical { return candidates }
        var unique: [EndpointCandidate] = []
        unique.reserveCapacity(candidates.count)
        for candidate in candidates.sorted(by: precedes) where unique.last?.target != candidate.target {
            unique.append(candidate)
        }
        return unique
    }
}
