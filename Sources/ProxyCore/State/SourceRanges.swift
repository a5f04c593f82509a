import NetTypes

/// `spec.loadBalancerSourceRanges`, as the firewall takes it.
enum SourceRanges {
    /// The prefixes that may pass, ascending, none inside another; nil when everyone may.
    ///
    /// When this node itself may pass, so may the load-balancer IPs: a connection from the node to one that is a local
    /// address has it as its source.
    static func allowed(_ ranges: [CIDR], loadBalancerIPs: [IPAddress], localAddresses: Set<IPAddress>) -> [CIDR]? {
        if ranges.contains(where: \.isEverything) { return nil }
        let isNodeAllowed = ranges.contains { range in localAddresses.contains { range.contains($0) } }
        var allowed: [CIDR] = []
        for range in (isNodeAllowed ? ranges + loadBalancerIPs.map(CIDR.init(host:)) : ranges).sorted() {
            if let last = allowed.last, last.contains(range) { continue }
            allowed.append(range)
        }
        return allowed
    }
}
