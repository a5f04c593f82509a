import NetTypes
import Nftables
import ProxyCore

/// The chains by which a table refuses packets to Services, the same in every mode that has a table: they look into the
/// sets of `RefusalSet`. Where they are called from is the mode's own.
public struct Refusals {
    public enum ChainName {
        public static let firewallCheck = "firewall-check"
        public static let serviceEndpointsCheck = "service-endpoints-check"
        public static let nodePortEndpointsCheck = "nodeport-endpoints-check"
        public static let clusterIPsCheck = "cluster-ips-check"
    }

    private let family: IPFamily
    private let node: NodeFacts

    public init(_ family: IPFamily, _ node: NodeFacts) {
        self.family = family
        self.node = node
    }

    public var chains: [Chain] { [firewallCheck, serviceEndpointsCheck, nodePortEndpointsCheck, clusterIPsCheck] }

    /// The packet is for an address on which this node serves node ports.
    public static let isNodePortAddress = Statement.inSet(
        [.destinationAddress], set: RefusalSet.nodePortIPs.rawValue)

    private var firewallCheck: Chain {
        Chain(
            ChainName.firewallCheck,
            rules: [
                Rule(.verdictMap(ServiceKey.service, map: RefusalSet.firewallIPs.rawValue)),
                Rule(
                    Self.isNodePortAddress,
                    .verdictMap(ServiceKey.nodePort, map: RefusalSet.firewallNodePorts.rawValue)),
            ])
    }

    private var serviceEndpointsCheck: Chain {
        Chain(
            ChainName.serviceEndpointsCheck,
            rules: [
                Rule(isService(in: .noEndpointServices), .reject),
                Rule(isService(in: .noLocalEndpointServices), .verdict(.drop)),
            ])
    }

    private func isService(in set: RefusalSet) -> Statement { .inSet(ServiceKey.service, set: set.rawValue) }

    private var nodePortEndpointsCheck: Chain {
        Chain(
            ChainName.nodePortEndpointsCheck,
            rules: [
                Rule(Self.isNodePortAddress, isNodePort(in: .noEndpointNodePorts), .reject),
                Rule(Self.isNodePortAddress, isNodePort(in: .noLocalEndpointNodePorts), .verdict(.drop)),
            ])
    }

    private func isNodePort(in set: RefusalSet) -> Statement { .inSet(ServiceKey.nodePort, set: set.rawValue) }

    private var clusterIPsCheck: Chain {
        let wrongPort = Rule(
            .inSet([.destinationAddress], set: RefusalSet.clusterIPs.rawValue), .reject,
            comment: "reject traffic to invalid ports of ClusterIPs")
        let unallocated = node.serviceCIDRs.filter { $0.family == family }.map {
            Rule(
                .matchAddress(.destinationAddress, $0), .verdict(.drop),
                comment: "drop traffic to unallocated ClusterIPs")
        }
        return Chain(ChainName.clusterIPsCheck, rules: [wrongPort] + unallocated)
    }
}
