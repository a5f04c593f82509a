import NetTypes

/// discovery.k8s.io/v1 EndpointSlice.
public struct EndpointSlice: Sendable, Hashable {
    public enum AddressType: String, Sendable, CaseIterable { case ipv4 = "IPv4", ipv6 = "IPv6", fqdn = "FQDN" }

    public var metadata: ObjectMeta
    public var addressType: AddressType
    public var endpoints: [Endpoint]
    public var ports: [Port]

    public init(metadata: ObjectMeta, addressType: AddressType, endpoints: [Endpoint] = [], ports: [Port] = []) {
        self.metadata = metadata
        self.addressType = addressType
        self.endpoints = endpoints
        self.ports = ports
    }

    /// The Service the slice belongs to: label `kubernetes.io/service-name`; nil without it.
    public var service: NamespacedName? {
        metadata.labels["kubernetes.io/service-name"].map {
            NamespacedName(namespace: metadata.namespace, name: $0)
        }
    }

    public struct Endpoint: Sendable, Hashable {
        /// Empty for FQDN slices.
        public var addresses: [IPAddress]
        /// Absent conditions are already resolved: ready to true, serving to ready, terminating to false.
        public var isReady: Bool
        public var isServing: Bool
        public var isTerminating: Bool
        /// The first label of the endpoint's own name, as pods of a StatefulSet have one.
        public var hostname: String?
        public var nodeName: String?
        public var zone: String?
        public var hintZones: [String]
        public var hintNodes: [String]
        /// targetRef as `Pod namespace/name`; for explanations only.
        public var target: String?

        public init(
            addresses: [IPAddress], isReady: Bool = true, isServing: Bool? = nil, isTerminating: Bool = false,
            hostname: String? = nil, nodeName: String? = nil, zone: String? = nil, hintZones: [String] = [],
            hintNodes: [String] = [],
            target: String? = nil
        ) {
            self.addresses = addresses
            self.isReady = isReady
            self.isServing = isServing ?? isReady
            self.isTerminating = isTerminating
            self.hostname = hostname
            self.nodeName = nodeName
            self.zone = zone
            self.hintZones = hintZones
            self.hintNodes = hintNodes
            self.target = target
        }
    }

    public struct Port: Sendable, Hashable {
        public var name: String
        public var proto: TransportProtocol
        /// nil means all ports; the proxy skips such ports.
        public var port: UInt16?

        public init(name: String = "", proto: TransportProtocol = .tcp, port: UInt16?) {
            self.name = name
            self.proto = proto
            self.port = port
        }
    }
}
