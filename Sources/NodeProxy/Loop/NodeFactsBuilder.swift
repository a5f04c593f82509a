import KubeAPI
import NetTypes
import ProxyCore

/// Derives the node's facts from the configuration, the Node object, the interfaces and the service CIDRs. Pure.
struct NodeFactsBuilder {
    var settings: ProxySettings
    var node: Node?
    var localAddresses: [ProxyInput.LocalAddress] = []
    var serviceCIDRs: [NamespacedName: ServiceCIDR] = [:]

    var facts: NodeFacts {
        NodeFacts(
            name: settings.nodeName, zone: node?.zone, nodePortAddresses: nodePortAddresses,
            localAddresses: Set(localAddresses.map(\.address)), detector: detector,
            masqueradeAll: settings.masqueradeAll, masqueradeBit: settings.masqueradeBit,
            serviceCIDRs: Set(serviceCIDRs.values.flatMap(\.cidrs)).sorted())
    }

    private var detector: LocalTrafficDetector {
        switch settings.detector {
        case .clusterCIDR(let cidrs): cidrs.isEmpty ? .none : .cidrs(cidrs)
        case .nodeCIDR: node.map { $0.podCIDRs.isEmpty ? .none : .cidrs($0.podCIDRs) } ?? .none
        case .bridge(let name): .bridge(name)
        case .interfacePrefix(let prefix): .interfacePrefix(prefix)
        }
    }

    /// The addresses that `nodePortAddresses` chooses: by prefix, or the primary ones, which are the Node's internal
    /// (else external) addresses, first of each family; without a Node, the interfaces' first global addresses.
    private var nodePortAddresses: [IPAddress] {
        let local = localAddresses.map(\.address)
        guard let cidrs = settings.nodePortCIDRs else { return primaryAddresses.sorted() }
        let chosen = local.filter { address in
            cidrs.contains { $0.contains(address) && (!address.isLoopback || reachesLoopback($0)) }
        }
        return Set(chosen.filter { !$0.isLinkLocal }).sorted()
    }

    private func reachesLoopback(_ prefix: CIDR) -> Bool {
        switch settings.loopbackNodePorts {
        case .nowhere: false
        case .whereNamed: !prefix.isEverything
        case .everywhere: true
        }
    }

    private var primaryAddresses: [IPAddress] {
        let ofNode = node.map { $0.internalIPs + $0.externalIPs } ?? []
        let ofInterfaces = localAddresses.map(\.address).filter { !$0.isLoopback && !$0.isLinkLocal }
        return IPFamily.allCases.compactMap { family in
            ofNode.first { $0.family == family } ?? ofInterfaces.first { $0.family == family }
        }
    }
}
