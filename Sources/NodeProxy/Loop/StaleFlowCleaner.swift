import Conntrack
import NetTypes
import ProxyCore

/// Makes conntrack forget flows that lead where nobody serves any more. Opens its sockets when first needed.
struct StaleFlowCleaner: ~Copyable {
    private var socket: ConntrackSocket?

    init() { socket = nil }

    /// Deletes the flows, but not what `isAnswered` by the modes' own sockets: those move their clients by themselves.
    /// Returns how many.
    mutating func clean(_ stale: [StaleFlows], unless isAnswered: (TrackedFlow) -> Bool) throws -> Int {
        guard !stale.isEmpty else { return 0 }
        let index = StaleFlowIndex(stale)
        func isStale(_ flow: TrackedFlow) -> Bool { index.contains(flow) && !isAnswered(flow) }
        let destinations = stale.flatMap(\.frontends)
        // The kernel picks out the flows of a few destinations; beyond that one pass over all is cheaper.
        guard destinations.count <= 8 else { return try delete(FlowFilter(), isStale) }
        var deleted = 0
        for flows in stale {
            for frontend in flows.frontends {
                let filter = FlowFilter(
                    family: frontend.address.family, proto: flows.service.proto, destination: frontend.address,
                    destinationPort: frontend.port)
                deleted += try delete(filter, isStale)
            }
        }
        return deleted
    }

    /// Whatever earlier programs and modes left, but not what `isAnswered` by the present ones' own sockets: clients wait
    /// for those answers already.
    mutating func cleanAll(_ state: ProxyState, unless isAnswered: (TrackedFlow) -> Bool) throws -> Int {
        try delete(FlowFilter()) { state.isStale($0) && !isAnswered($0) }
    }

    private mutating func delete(_ filter: FlowFilter, _ isStale: (TrackedFlow) -> Bool) throws -> Int {
        if socket == nil { socket = try ConntrackSocket() }
        return try socket?.deleteAll(filter) { flow in TrackedFlow(flow).map(isStale) ?? false } ?? 0
    }
}

extension TrackedFlow {
    init?(_ flow: Flow) {
        guard let proto = flow.proto else { return nil }
        self.init(
            proto: proto,
            originalDestination: AddressPort(flow.original.destination, flow.original.destinationPort),
            replySource: flow.endpoint, isUnreplied: !flow.status.contains(.seenReply))
    }
}
