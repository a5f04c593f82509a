import NetTypes

/// core/v1 Service, as far as a node proxy reads it.
public struct Service: Sendable, Hashable {
    public var metadata: ObjectMeta
    public var spec = Spec()
    public var loadBalancerIngress: [LoadBalancerIngress] = []

    public init(metadata: ObjectMeta, spec: Spec = Spec(), loadBalancerIngress: [LoadBalancerIngress] = []) {
        self.metadata = metadata
        self.spec = spec
        self.loadBalancerIngress = loadBalancerIngress
    }

    public struct Spec: Sendable, Hashable {
        public enum Kind: String, Sendable, CaseIterable {
            case clusterIP = "ClusterIP"
            case nodePort = "NodePort"
            case loadBalancer = "LoadBalancer"
            case externalName = "ExternalName"
        }
        public enum TrafficPolicy: String, Sendable, CaseIterable {
            case cluster = "Cluster"
            case local = "Local"
        }

        public var kind: Kind = .clusterIP
        /// `clusterIPs`, or `clusterIP` alone when the list is absent; empty for headless ("None").
        public var clusterIPs: [IPAddress] = []
        public var isHeadless = false
        /// What a Service of type ExternalName stands for; empty for others.
        public var externalName = ""
        public var externalIPs: [IPAddress] = []
        public var ports: [Port] = []
        public var externalTrafficPolicy: TrafficPolicy = .cluster
        public var internalTrafficPolicy: TrafficPolicy = .cluster
        /// Seconds; nil means sessionAffinity None.
        public var clientIPAffinityTimeout: UInt32?
        public var loadBalancerSourceRanges: [CIDR] = []
        /// 0 when the Service has none.
        public var healthCheckNodePort: UInt16 = 0
        public var publishNotReadyAddresses = false
        public var trafficDistribution: String?

        public init() {}
    }

    public struct Port: Sendable, Hashable {
        public var name: String
        public var proto: TransportProtocol
        public var port: UInt16
        /// 0 when the port has none.
        public var nodePort: UInt16
        /// Number or name, as text; only `Endpoints`-less manifests care.
        public var targetPort: String

        public init(
            name: String = "", proto: TransportProtocol = .tcp, port: UInt16, nodePort: UInt16 = 0,
            targetPort: String = ""
        ) {
            self.name = name
            self.proto = proto
            self.port = port
            self.nodePort = nodePort
            self.targetPort = targetPort
        }
    }

    public struct LoadBalancerIngress: Sendable, Hashable {
        public var ip: IPAddress
        /// ipMode VIP (true, the default) or Proxy (false).
        public var isVIP: Bool

        public init(ip: IPAddress, isVIP: Bool = true) {
            self.ip = ip
            self.isVIP = isVIP
        }
    }
}
