import NetTypes

/// core/v1 Node, as far as a node proxy reads it.
public struct Node: Sendable, Hashable {
    public var metadata: ObjectMeta
    public var podCIDRs: [CIDR] = []
    public var internalIPs: [IPAddress] = []
    public var externalIPs: [IPAddress] = []
    public var taintKeys: [String] = []

    public init(metadata: ObjectMeta) { self.metadata = metadata }

    /// Label `topology.kubernetes.io/zone`.
    public var zone: String? { metadata.labels["topology.kubernetes.io/zone"] }
}

/// networking.k8s.io/v1 ServiceCIDR.
public struct ServiceCIDR: Sendable, Hashable {
    public var metadata: ObjectMeta
    public var cidrs: [CIDR]

    public init(metadata: ObjectMeta, cidrs: [CIDR]) {
        self.metadata = metadata
        self.cidrs = cidrs
    }
}
