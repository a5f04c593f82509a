import NetTypes
import Nftables
import ServiceTables

/// The names and types of everything in a table that does not depend on Services. The same in both families.
///
/// A packet's way: filter-prerouting (source ranges) → nat-prerouting → services (look up address and port) → a load
/// balancer chain (mark for masquerade, pick a slot, DNAT) → filter-forward or -input (reject, drop, remember
/// affinity) → nat-postrouting (masquerade).
enum Layout {
    /// Stands in the table's comment; a table with another comment is replaced whole.
    static let tableComment = "rules for kube-proxy (Apus layout 1)"

    enum SetName: String, CaseIterable, Sendable {
        case serviceIPs = "service-ips"
        case serviceNodePorts = "service-nodeports"
        case serviceEndpoints = "service-endpoints"
        case serviceLocalEndpoints = "service-local-endpoints"
        case nodePortEndpoints = "nodeport-endpoints"
        case nodePortLocalEndpoints = "nodeport-local-endpoints"
        case noEndpointServices = "no-endpoint-services"
        case noEndpointNodePorts = "no-endpoint-nodeports"
        case noLocalEndpointServices = "no-local-endpoint-services"
        case noLocalEndpointNodePorts = "no-local-endpoint-nodeports"
        case firewallIPs = "firewall-ips"
        case firewallNodePorts = "firewall-nodeports"
        case affinityServices = "affinity-services"
        case affinityNodePorts = "affinity-nodeports"
        case clusterIPs = "cluster-ips"
        case nodePortIPs = "nodeport-ips"
        case hairpinConnections = "hairpin-connections"
    }

    static let serviceKey = ServiceKey.service
    static let nodePortKey = ServiceKey.nodePort
    static let originalServiceKey: [Selector] = [.originalDestinationAddress, .l4proto, .originalDestinationPort]
    static let originalNodePortKey: [Selector] = [.l4proto, .originalDestinationPort]
    private static let slot = Selector.random(modulus: 2)
    static let endpoint = SetSpec.Data.selectors([.destinationAddress, .tcpDestinationPort])

    static let sets: [SetSpec] = SetName.allCases.map(spec)

    static func spec(_ name: SetName) -> SetSpec {
        func set(_ key: [Selector], _ data: SetSpec.Data? = nil, _ comment: String) -> SetSpec {
            SetSpec(name.rawValue, key: key, data: data, comment: comment)
        }
        return switch name {
        case .serviceIPs: set(serviceKey, .verdict, "ClusterIP, ExternalIP and LoadBalancer IP traffic")
        case .serviceNodePorts: set(nodePortKey, .verdict, "NodePort traffic")
        case .serviceEndpoints: set(serviceKey + [slot], endpoint, "the endpoint in each slot of a service address")
        case .serviceLocalEndpoints:
            set(serviceKey + [slot], endpoint, "the same for externalTrafficPolicy Local: endpoints on this node")
        case .nodePortEndpoints: set(nodePortKey + [slot], endpoint, "the endpoint in each slot of a node port")
        case .nodePortLocalEndpoints:
            set(nodePortKey + [slot], endpoint, "the same for externalTrafficPolicy Local: endpoints on this node")
        case .affinityServices: set(serviceKey, .verdict, "service addresses with session affinity")
        case .affinityNodePorts: set(nodePortKey, .verdict, "node ports with session affinity")
        case .hairpinConnections:
            set([.sourceAddress, .destinationAddress], nil, "endpoints on this node that reach themselves")
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

    /// Chains that every table has, besides `Refusals`.
    enum ChainName {
        static let services = "services"
        static let masquerading = "masquerading"
        static let mark = "mark-for-masquerade"
        static let markRemote = "mark-unless-local-pod"
        static let affinityRecord = "affinity-record"
    }
}

extension Transaction {
    /// A no-op where there is nothing to add.
    mutating func add(_ set: Layout.SetName, _ elements: [SetElement]) {
        guard !elements.isEmpty else { return }
        operations.append(.addElements(set: set.rawValue, elements))
    }
}
