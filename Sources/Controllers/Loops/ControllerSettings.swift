import ControllerCore

/// What the flags of a controller manager say; the defaults are kube-controller-manager's.
public struct ControllerSettings: Sendable {
    /// Certificates in PEM that pods trust.
    public var rootAuthority = ""
    /// Ranges that nodes get their pod ranges from; at most one per family.
    public var clusterCIDRs: [String] = []
    public var allocatesNodeCIDRs = false
    public var nodeMaskIPv4 = 24
    public var nodeMaskIPv6 = 64
    public var serviceRanges: [String] = []
    /// A node whose Lease is older is not healthy.
    public var nodeMonitorGrace: Duration = .seconds(40)
    /// Nodes per second that pods are evicted from, in a zone that is well, and in one that is not.
    public var evictionRate = 0.1
    public var secondaryEvictionRate = 0.01
    public var largeZoneSize = 50
    public var unhealthyZoneShare = 0.55
    /// Finished pods that are kept.
    public var finishedPodLimit = 12_500
    public var maximumEndpointsPerSlice = 100
    /// Addresses that Services of type LoadBalancer get: prefixes, or first-last.
    public var loadBalancerPools: [String] = []
    /// Signs certificates and tokens.
    public var keys: (any ClusterKeys)?
    /// Seconds that a certificate lives, unless its request asks for less.
    public var signingLifetime: Int64 = 365 * 86_400

    public init() {}
}
