import KubeAPI
import NetTypes
import ProxyCore

/// The kinds of objects a node proxy reads.
public enum ObjectKind: String, Sendable, Hashable, CaseIterable {
    case service = "services"
    case endpointSlice = "endpointslices"
    case node = "nodes"
    case serviceCIDR = "servicecidrs"
}

/// What reaches the proxy loop, in order.
public enum ProxyInput: Sendable {
    case service(Service)
    case endpointSlice(EndpointSlice)
    /// The proxy's own node.
    case node(Node)
    case serviceCIDR(ServiceCIDR)
    case deleted(ObjectKind, NamespacedName)
    /// A full list of this kind follows; what it does not mention is gone at its end.
    case listBegins(ObjectKind)
    case listEnds(ObjectKind)
    /// An object that could not be read; the last good one stays.
    case malformed(ObjectKind, NamespacedName?, reason: String)
    /// Addresses of this node's interfaces.
    case localAddresses([LocalAddress])
    case settings(SettingsByMode)
    case mode(ModeRequest)
    case question(Question)
    case stop

    /// An address of one of this node's interfaces.
    public struct LocalAddress: Sendable, Hashable {
        public let address: IPAddress
        public let interface: String

        public init(address: IPAddress, interface: String) {
            self.address = address
            self.interface = interface
        }
    }

    /// Another mode is wanted.
    public struct ModeRequest: Sendable {
        public let mode: ProxyMode
        /// A configuration that is new as well, taken up whatever becomes of the mode; nil: the one there is.
        public let settings: SettingsByMode?
        public let answer: @Sendable (Result<ModeChange, Refusal>) -> Void

        /// Why the mode stays as it is.
        public struct Refusal: Error, CustomStringConvertible {
            public let reason: String
            public var description: String { reason }
        }

        public init(
            mode: ProxyMode, settings: SettingsByMode?,
            answer: @escaping @Sendable (Result<ModeChange, Refusal>) -> Void = { _ in }
        ) {
            self.mode = mode
            self.settings = settings
            self.answer = answer
        }
    }

    /// Asked of the running state; answered on the loop's thread.
    public struct Question: Sendable {
        public let query: ExplainQuery
        public let answer: @Sendable (FullExplanation) -> Void

        public init(query: ExplainQuery, answer: @escaping @Sendable (FullExplanation) -> Void) {
            self.query = query
            self.answer = answer
        }
    }
}

/// What the configuration says for a mode: some defaults are the mode's.
public typealias SettingsByMode = @Sendable (ProxyMode) -> ProxySettings

/// What of the configuration the proxy loop follows; may change while it runs.
public struct ProxySettings: Sendable, Hashable {
    public var nodeName: String
    /// Prefixes of node-port addresses; nil means the node's primary addresses.
    public var nodePortCIDRs: [CIDR]?
    public var detector: DetectorSetting
    public var masqueradeAll: Bool
    public var masqueradeBit: UInt8
    public var loopbackNodePorts: LoopbackNodePorts
    /// Seconds after which an update that waits makes the proxy unhealthy, halved.
    public var syncPeriodSeconds: Double

    /// Which node-port prefixes make node ports answer on loopback addresses.
    public enum LoopbackNodePorts: Sendable, Hashable {
        case nowhere
        /// Those that name them on purpose.
        case whereNamed
        /// Those that leave no address out as well.
        case everywhere
    }

    /// `detectLocalMode`, before the node is known.
    public enum DetectorSetting: Sendable, Hashable {
        case clusterCIDR([CIDR])
        case nodeCIDR
        case bridge(String)
        case interfacePrefix(String)
    }

    /// True when the prefixes leave no address out.
    var nodePortsAreEverywhere: Bool {
        IPFamily.allCases.allSatisfy { family in
            nodePortCIDRs?.contains { $0.isEverything && $0.family == family } == true
        }
    }

    public init(
        nodeName: String, nodePortCIDRs: [CIDR]? = nil, detector: DetectorSetting = .clusterCIDR([]),
        masqueradeAll: Bool = false, masqueradeBit: UInt8 = 14,
        loopbackNodePorts: LoopbackNodePorts = .whereNamed,
        syncPeriodSeconds: Double = 30
    ) {
        self.nodeName = nodeName
        self.nodePortCIDRs = nodePortCIDRs
        self.detector = detector
        self.masqueradeAll = masqueradeAll
        self.masqueradeBit = masqueradeBit
        self.loopbackNodePorts = loopbackNodePorts
        self.syncPeriodSeconds = syncPeriodSeconds
    }
}
