/// Whether an endpoint takes new connections, and if not, why.
public enum EndpointFate: Hashable, Sendable {
    case used
    case notReady
    /// Ready endpoints exist.
    case terminating
    /// Its hints name other nodes or zones.
    case hintedElsewhere(EndpointChoice.Topology)
    /// Runs on another node, and the policy is Local.
    case notLocal
    /// Its weight is 0.
    case drained
    /// Another slice says better of the same address and port.
    case duplicate
    /// Not an address of the family asked for.
    case otherFamily
    /// Its slice does not serve the port.
    case portMissing
}

/// Which endpoints of a service port take new connections (kube-proxy's CategorizeEndpoints).
///
/// - Ready endpoints do. When there is none, serving ones that terminate do (KEP-1669).
///   This is decided for all endpoints and for the local ones separately.
/// - Of all endpoints, those hinted to this node or else this zone do, where hints apply (KEP-2433, KEP-3015).
///   Local endpoints ignore hints.
public struct EndpointChoice: Hashable, Sendable {
    /// Which hints apply.
    public enum Topology: String, Hashable, Sendable {
        case none
        case node
        case zone
    }

    public let topology: Topology
    /// Some endpoint is ready.
    public let hasReady: Bool
    public let hasLocalReady: Bool

    public init(_ candidates: some Sequence<EndpointCandidate>) {
        var ready = EndpointCandidate.Traits()
        var hinted = EndpointCandidate.Traits([.hasNodeHints, .hasZoneHints])
        var hasReady = false
        var hasLocalReady = false
        for candidate in candidates where candidate.isReady {
            hasReady = true
            hasLocalReady = hasLocalReady || candidate.traits.contains(.local)
            ready.formUnion(candidate.traits)
            hinted.formIntersection(candidate.traits)
        }
        self.hasReady = hasReady
        self.hasLocalReady = hasLocalReady
        topology = Self.topology(someReadyHas: ready, everyReadyHas: hinted)
    }

    /// Node hints apply when every ready endpoint has some and one names this node; else zone hints by the same rule.
    private static func topology(
        someReadyHas some: EndpointCandidate.Traits, everyReadyHas every: EndpointCandidate.Traits
    ) -> Topology {
        if every.contains(.hasNodeHints), some.contains(.hintedToNode) { return .node }
        if every.contains(.hasZoneHints), some.contains(.hintedToZone) { return .zone }
        return .none
    }

    /// Under policy Cluster.
    public func clusterFate(_ candidate: EndpointCandidate) -> EndpointFate {
        guard candidate.isReady else { return unreadyFate(candidate, hasReady: hasReady) }
        switch topology {
        case .node: return candidate.traits.contains(.hintedToNode) ? .used : .hintedElsewhere(.node)
        case .zone: return candidate.traits.contains(.hintedToZone) ? .used : .hintedElsewhere(.zone)
        case .none: return .used
        }
    }

    /// Under policy Local.
    public func localFate(_ candidate: EndpointCandidate) -> EndpointFate {
        guard candidate.traits.contains(.local) else { return .notLocal }
        return candidate.isReady ? .used : unreadyFate(candidate, hasReady: hasLocalReady)
    }

    private func unreadyFate(_ candidate: EndpointCandidate, hasReady: Bool) -> EndpointFate {
        if candidate.weight == 0 { return .drained }
        guard candidate.isServingTerminating else { return .notReady }
        return hasReady ? .terminating : .used
    }
}
