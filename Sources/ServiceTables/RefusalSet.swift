import Nftables

/// The sets by which a table refuses packets to Services, the same in every mode that has a table.
public enum RefusalSet: String, CaseIterable, Sendable {
    case noEndpointServices = "no-endpoint-services"
    case noEndpointNodePorts = "no-endpoint-nodeports"
    case noLocalEndpointServices = "no-local-endpoint-services"
    case noLocalEndpointNodePorts = "no-local-endpoint-nodeports"
    case firewallIPs = "firewall-ips"
    case firewallNodePorts = "firewall-nodeports"
    case clusterIPs = "cluster-ips"
    case nodePortIPs = "nodeport-ips"

    public var spec: SetSpec {
        let service = ServiceKey.service
        let nodePort = ServiceKey.nodePort
        return switch self {
        case .noEndpointServices: set(service, nil, "service addresses to reject: no endpoints")
        case .noEndpointNodePorts: set(nodePort, nil, "node ports to reject: no endpoints")
        case .noLocalEndpointServices: set(service, nil, "service addresses to drop: no endpoints on this node")
        case .noLocalEndpointNodePorts: set(nodePort, nil, "node ports to drop: no endpoints on this node")
        case .firewallIPs: set(service, .verdict, "destinations that are subject to LoadBalancerSourceRanges")
        case .firewallNodePorts: set(nodePort, .verdict, "node ports that are subject to LoadBalancerSourceRanges")
        case .clusterIPs: set([.destinationAddress], nil, "Active ClusterIPs")
        case .nodePortIPs: set([.destinationAddress], nil, "IPs that accept NodePort traffic")
        }
    }

    private func set(_ key: [Selector], _ data: SetSpec.Data?, _ comment: String) -> SetSpec {
        SetSpec(rawValue, key: key, data: data, comment: comment)
    }
}
