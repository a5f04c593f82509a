import IPVS
import ProxyCore

/// How one virtual server spreads its connections.
struct Balance: Sendable {
    var scheduler: String
    var flags: VirtualServer.Flags = []
    /// Seconds.
    var persistence: UInt32?

    init(_ port: ServicePort, _ endpoints: EndpointSet, _ key: VirtualServer.Key, _ options: IPVSOptions) {
        let isWeighted = !endpoints.weights.isEmpty
        switch port.balance {
        case .random: scheduler = isWeighted ? Self.weighted(options.scheduler) : options.scheduler
        case .roundRobin: scheduler = isWeighted ? "wrr" : "rr"
        case .leastConnections: scheduler = isWeighted ? "wlc" : "lc"
        case .sourceHash: self = Balance(hashing: endpoints)
        case .maglev:
            scheduler = "mh"
            flags = [.fallback, .hashesPort]
        }
        guard let timeout = port.affinityTimeout else { return }
        let isByMark = if case .mark = key { true } else { false }
        // A virtual server remembers its own clients only: the same hash at all addresses of a service port sends a
        // client that is new to one of them where it went at another.
        if isByMark || (port.balance == .random && ["rr", "wrr"].contains(options.scheduler)) {
            self = Balance(hashing: endpoints)
        }
        // Persistent virtual servers of marks do not translate the port (ip_vs_sched_persist).
        persistence = isByMark ? nil : timeout
    }

    /// By the client's address. `sh` deals 256 slots in turns of a destination's weight: who comes later gets none.
    private init(hashing endpoints: EndpointSet) {
        let turns = endpoints.weights.isEmpty ? endpoints.count : endpoints.weights.reduce(0) { $0 + Int($1) }
        scheduler = turns <= 256 ? "sh" : "mh"
        flags = [.fallback]
    }

    /// The scheduler of the same family that heeds weights.
    private static func weighted(_ scheduler: String) -> String {
        switch scheduler {
        case "rr": "wrr"
        case "lc": "wlc"
        default: scheduler
        }
    }
}
