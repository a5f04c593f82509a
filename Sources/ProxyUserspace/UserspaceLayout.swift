import NetTypes
import Nftables
import ServiceTables

/// The names and types of everything in the table that does not depend on Services.
///
/// A packet's way: filter-prerouting (source ranges) → nat-prerouting or nat-output → `inside` or `outside` (one lookup
/// of address, protocol and port finds the proxy's port on this node) → redirected, or else filter-input and -forward
/// (reject, drop). Where endpoints shall see their clients, mangle-prerouting comes first: it gives packets to a
/// transparent socket as they are, and the mark has them routed to this node and passed over by nat-prerouting.
enum UserspaceLayout {
    /// The bit before those of kube-proxy (14, 15).
    static let transparentMark: UInt32 = 0x2000
    /// Of the routing rule and its table.
    static let transparentTable: UInt32 = 10256

    /// Stands in the table's comment; a table with another comment is replaced whole.
    static let tableComment = "redirects to the userspace proxy (Apus layout 3)"
    /// Of the table that takes its place when the mode ends while transparent connections are open.
    static let drainComment = "open connections of the userspace proxy (Apus)"

    enum SetName: String, CaseIterable, Sendable {
        case insideServices = "inside-services"
        case outsideServices = "outside-services"
        case insideNodePorts = "inside-nodeports"
        case outsideNodePorts = "outside-nodeports"
        case insideTransparent = "inside-transparent"
        case outsideTransparent = "outside-transparent"
        case insideTransparentNodePorts = "inside-transparent-nodeports"
        case outsideTransparentNodePorts = "outside-transparent-nodeports"
        case noEndpointServices = "no-endpoint-services"
        case noEndpointNodePorts = "no-endpoint-nodeports"
        case noLocalEndpointServices = "no-local-endpoint-services"
        case noLocalEndpointNodePorts = "no-local-endpoint-nodeports"
        case firewallIPs = "firewall-ips"
        case firewallNodePorts = "firewall-nodeports"
        case clusterIPs = "cluster-ips"
        case nodePortIPs = "nodeport-ips"
    }

    static let sets: [SetSpec] = SetName.allCases.map(spec)

    private static func spec(_ name: SetName) -> SetSpec {
        func set(_ key: [Selector], _ data: SetSpec.Data? = nil, _ comment: String) -> SetSpec {
            SetSpec(name.rawValue, key: key, data: data, comment: comment)
        }
        let serviceKey = ServiceKey.service
        let nodePortKey = ServiceKey.nodePort
        let port = SetSpec.Data.selectors([.tcpDestinationPort])
        return switch name {
        case .insideServices: set(serviceKey, port, "the proxy's port for pods and processes of this node")
        case .outsideServices: set(serviceKey, port, "the proxy's port for everybody else")
        case .insideNodePorts: set(nodePortKey, port, "node ports: the proxy's port for this node's own")
        case .outsideNodePorts: set(nodePortKey, port, "node ports: the proxy's port for everybody else")
        case .insideTransparent: set(serviceKey, nil, "service addresses whose endpoints see pods of this node")
        case .outsideTransparent: set(serviceKey, nil, "service addresses whose endpoints see everybody else")
        case .insideTransparentNodePorts: set(nodePortKey, nil, "node ports whose endpoints see pods of this node")
        case .outsideTransparentNodePorts: set(nodePortKey, nil, "node ports whose endpoints see everybody else")
        case .noEndpointServices: RefusalSet.noEndpointServices.spec
        case .noEndpointNodePorts: RefusalSet.noEndpointNodePorts.spec
        case .noLocalEndpointServices: RefusalSet.noLocalEndpointServices.spec
        case .noLocalEndpointNodePorts: RefusalSet.noLocalEndpointNodePorts.spec
        case .firewallIPs: RefusalSet.firewallIPs.spec
        case .firewallNodePorts: RefusalSet.firewallNodePorts.spec
        case .clusterIPs: RefusalSet.clusterIPs.spec
        case .nodePortIPs: RefusalSet.nodePortIPs.spec
        }
    }
}
