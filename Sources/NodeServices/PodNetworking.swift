import NetTypes

/// Addresses and interfaces of pods. Errors are one sentence for people.
public protocol PodNetworking: Sendable {
    /// Connects the pod's network namespace. Called again for the same sandbox after a crash, it gives the same result.
    func setUp(_ pod: PodNetworkRequest) async throws -> PodNetworkResult

    /// Gives back everything that `setUp` took. What is gone already, the namespace included, is no error.
    func tearDown(_ pod: PodNetworkRequest) async throws

    /// Throws when the pod's network is no longer what `setUp` made.
    func check(_ pod: PodNetworkRequest) async throws

    /// Takes back what pods without one of these sandboxes left; while no pod is being connected.
    func collectGarbage(valid: [PodNetworkRequest]) async throws

    /// Why pods cannot be connected; nil when they can.
    func status() async -> String?
}

public struct PodNetworkRequest: Sendable, Hashable {
    public var namespace: String
    public var name: String
    public var uid: String
    /// One life of the pod's namespaces: a new sandbox of the same pod has another.
    public var sandboxID: String
    /// A path that opens as the network namespace.
    public var netnsPath: String
    public var portMappings: [PortMapping]
    public var bandwidth: PodBandwidth?

    public init(
        namespace: String, name: String, uid: String, sandboxID: String, netnsPath: String,
        portMappings: [PortMapping] = [], bandwidth: PodBandwidth? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.sandboxID = sandboxID
        self.netnsPath = netnsPath
        self.portMappings = portMappings
        self.bandwidth = bandwidth
    }
}

/// A container's hostPort.
public struct PortMapping: Sendable, Hashable {
    public var hostPort: UInt16
    public var containerPort: UInt16
    /// `tcp`, `udp` or `sctp`.
    public var transport: String
    /// Nil is every address of the node.
    public var hostIP: IPAddress?

    public init(hostPort: UInt16, containerPort: UInt16, transport: String, hostIP: IPAddress? = nil) {
        self.hostPort = hostPort
        self.containerPort = containerPort
        self.transport = transport
        self.hostIP = hostIP
    }
}

/// Annotations `kubernetes.io/ingress-bandwidth` and `kubernetes.io/egress-bandwidth`, in bits per second.
public struct PodBandwidth: Sendable, Hashable {
    public var ingress: Int64?
    public var egress: Int64?

    public init(ingress: Int64?, egress: Int64?) {
        self.ingress = ingress
        self.egress = egress
    }
}

public struct PodNetworkResult: Sendable, Hashable {
    /// The primary address first; at most one of each family.
    public var ips: [IPAddress]

    public init(ips: [IPAddress]) { self.ips = ips }
}
