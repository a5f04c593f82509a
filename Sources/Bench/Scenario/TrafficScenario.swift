/// Traffic to one Service, and the cluster around it: what `apus bench` measures.
public struct TrafficScenario: Sendable, Hashable {
    public var name: String
    /// A sentence for the report.
    public var about = ""
    /// How many Services stand in the cluster; measured once for each number.
    public var services = [10, 1000, 10_000]
    /// Pods that answer behind the Service.
    public var pods = 10
    /// Of the pods, in their order; empty when all weigh the same.
    public var weights: [UInt16] = []
    /// The Service's `apus.dev/balance`; nil leaves it to the mode.
    public var balance: String?
    /// ClientIP affinity, seconds; nil without.
    public var affinitySeconds: UInt32?
    /// They run side by side.
    public var clients: [Client]
    /// Endpoint changes of other Services in each second, while the clients run.
    public var changesPerSecond = 0
    /// Length of one run.
    public var seconds = 0.5
    public var rounds = 5

    public struct Client: Sendable, Hashable {
        public var kind: Kind
        /// Connections, or requests on their way, at once.
        public var connections = 50
        /// Requests in each second, on a schedule; nil asks again as soon as an answer is there.
        public var rate: Double?

        public init(_ kind: Kind, connections: Int = 50, rate: Double? = nil) {
            self.kind = kind
            self.connections = connections
            self.rate = rate
        }
    }

    public enum Kind: String, Sendable, CaseIterable {
        /// Requests over connections that stay open.
        case keepAlive = "keep-alive"
        /// A connection for each request.
        case newConnections = "new-connections"
        /// Large answers.
        case bulk
        /// One UDP datagram from a new port, and its answer, one after the other.
        case firstPacket = "first-packet"
    }

    public init(name: String, clients: [Client]) {
        self.name = name
        self.clients = clients
    }

    /// What is measured when nothing else is asked for.
    public static let standard: [TrafficScenario] = [
        TrafficScenario(name: "first packet", clients: [Client(.firstPacket, connections: 1)]),
        TrafficScenario(name: "requests", clients: [Client(.keepAlive)]),
        TrafficScenario(name: "connections", clients: [Client(.newConnections)]),
        TrafficScenario(name: "throughput", clients: [Client(.bulk, connections: 4)]),
    ]
}
