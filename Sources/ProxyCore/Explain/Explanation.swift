import KubeAPI
import NetTypes

/// A question: what becomes of traffic to an address and port?
public struct ExplainQuery: Hashable, Sendable {
    public let destination: AddressPort
    public let proto: TransportProtocol
    /// nil asks for every kind of source.
    public let source: IPAddress?

    public init(destination: AddressPort, proto: TransportProtocol = .tcp, source: IPAddress? = nil) {
        self.destination = destination
        self.proto = proto
        self.source = source
    }
}

/// A full account of what becomes of traffic to an address and port, in words.
public struct Explanation: Codable, Hashable, Sendable {
    /// `10.96.0.10:80/tcp`.
    public let destination: String
    /// nil when no Service is reached.
    public let service: ServiceAccount?
    /// Other service ports that ask for the same address and port, and do not get it.
    public let conflicts: [String]
    /// One per kind of source, or the one asked for.
    public let paths: [Path]
    public let endpoints: [Endpoint]

    public struct ServiceAccount: Codable, Hashable, Sendable {
        /// `namespace/name:port`.
        public let name: String
        /// `ClusterIP`, `ExternalIP`, `LoadBalancer` or `NodePort`.
        public let frontend: String
        /// `Cluster` or `Local`.
        public let trafficPolicy: String
        /// `random`, `round-robin`, ...
        public let balance: String
        /// Seconds; nil without session affinity.
        public let affinityTimeout: UInt32?
        /// nil when everyone may use the address.
        public let sourceRanges: [String]?
        public let advice: [String]
    }

    /// What happens to packets of one kind of source.
    public struct Path: Codable, Hashable, Sendable {
        /// `a pod of this node`, `this node`, `elsewhere`.
        public let source: String
        /// `balanced`, `rejected`, `dropped` or `not a Service`.
        public let verdict: String
        /// Why it is refused; nil otherwise.
        public let reason: String?
        public let endpoints: [String]
        /// Parallel to `endpoints`; empty when all weigh the same.
        public let weights: [UInt16]
        /// nil unless balanced.
        public let masquerade: String?
    }

    public struct Endpoint: Codable, Hashable, Sendable {
        /// `10.0.0.1:8080`, or the address alone when its slice does not serve the port.
        public let address: String
        public let slice: String
        public let node: String?
        public let zone: String?
        public let weight: UInt16
        public let isUsed: Bool
        /// Why it is not used; nil when it is.
        public let reason: String?
    }
}
