import IPVS
import ProxyCore

/// How one virtual server spreads its connections.
struct Balance: Sendable {
    var scheduler: String
    var flags: VirtualServer.Flags = []
    /// Seconds.
    var persistence: UInt32?

    init(_ port: ServicePort, _ endpoints: EndpointSet, _ key: VirtualServer.Key, _ options: IPVSOptions) {
        let asked = port.ipvsScheduler.flatMap { options.missingSchedulers.contains($0) ? nil : $0 }
        self = asked.map { Balance($0.rawValue) } ?? Balance(port.balance, endpoints, options)
        guard let timeout = port.affinityTimeout else { return }
        let isByMark = if case .mark = key { true } else { false }
        let isUsual = asked == nil && port.balance == .random && ["rr", "wrr"].contains(options.scheduler)
        // A virtual server remembers its own clients only: the same hash at all addresses of a service port sends a
        // client that is new to one of them where it went at another.
        if isByMark || isUsual { self = Balance(hashing: endpoints) }
        // Persistent virtual servers of marks do not translate the port (ip_vs_sched_persist).
        persistence = isByMark ? nil : timeout
    }

    private init(_ balance: BalanceAlgorithm, _ endpoints: EndpointSet, _ options: IPVSOptions) {
        let isWeighted = !endpoints.weights.isEmpty
        switch balance {
        case .random: self.init(isWeighted ? Self.weighted(options.scheduler) : options.scheduler)
        case .roundRobin: self.init(isWeighted ? "wrr" : "rr")
        case .leastConnections: self.init(isWeighted ? "wlc" : "lc")
        case .sourceHash: self.init(hashing: endpoints)
        case .maglev:
            self.init("mh")
            flags.insert(.hashesPort)
        }
    }

    /// Hashing schedulers leave a destination that drains its clients, whom it refuses, unless they may fall back to
    /// another. `dh` has no such flag.
    private init(_ scheduler: String) {
        self.scheduler = scheduler
        if ["sh", "mh"].contains(scheduler) { flags = [.fallback] }
    }

    /// By the client's address. `sh` deals 256 slots in turns of a destination's weight: who comes later gets none.
    private init(hashing endpoints: EndpointSet) {
        let turns = endpoints.weights.isEmpty ? endpoints.count : endpoints.weights.reduce(0) { $0 + Int($1) }
        self.init(turns <= 256 ? "sh" : "mh")
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
