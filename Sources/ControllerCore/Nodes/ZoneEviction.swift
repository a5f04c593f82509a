/// How fast pods are evicted from the nodes of a zone.
public enum ZoneEviction {
    public struct Policy: Sendable {
        /// Nodes per second.
        public var rate: Double
        public var secondaryRate: Double
        public var largeZoneSize: Int
        public var unhealthyShare: Double

        public init(rate: Double, secondaryRate: Double, largeZoneSize: Int, unhealthyShare: Double) {
            self.rate = rate
            self.secondaryRate = secondaryRate
            self.largeZoneSize = largeZoneSize
            self.unhealthyShare = unhealthyShare
        }
    }

    public enum State: Sendable, Hashable { case normal, partialDisruption, fullDisruption }

    public static func state(ready: Int, notReady: Int, _ policy: Policy) -> State {
        if notReady > 0, ready == 0 { return .fullDisruption }
        let total = ready + notReady
        if notReady > 2, Double(notReady) >= policy.unhealthyShare * Double(total) { return .partialDisruption }
        return .normal
    }

    /// When nothing at all is heard, the fault is likely here.
    public static func isStopped(_ zones: some Sequence<State>) -> Bool { zones.allSatisfy { $0 == .fullDisruption } }

    /// Nodes per second; zero for none.
    ///
    /// - Parameter allZones: the states of all zones.
    public static func rate(_ state: State, size: Int, allZones: some Sequence<State>, _ policy: Policy) -> Double {
        if isStopped(allZones) { return 0 }
        switch state {
        case .normal, .fullDisruption: return policy.rate
        case .partialDisruption: return size > policy.largeZoneSize ? policy.secondaryRate : 0
        }
    }
}
