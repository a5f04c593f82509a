import IPSet
import IPVS
import NetTypes

/// Which virtual servers this mode made, as its sets and its device tell: also to a process that made none of them.
struct Ownership: Sendable {
    private struct NodePort: Hashable {
        let proto: TransportProtocol
        let port: UInt16
    }

    private let family: IPFamily
    private let options: IPVSOptions
    private var addresses: Set<IPAddress>
    private var frontends: Set<VirtualServer.Key> = []
    private var nodePorts: Set<NodePort> = []

    /// `held` are the addresses of `kube-ipvs0`; `members` those of the sets of service addresses and node ports.
    init(_ family: IPFamily, _ options: IPVSOptions, held: Set<IPAddress>, members: [SetMember]) {
        self.family = family
        self.options = options
        addresses = held
        for member in members {
            switch (member.set, member.entry.key) {
            case (.ipvsIPs, .ip(let ip)): addresses.insert(ip)
            case (.clusterIP, .ipPort(let ip, let proto, let port)),
                (.externalIP, .ipPort(let ip, let proto, let port)),
                (.externalIPLocal, .ipPort(let ip, let proto, let port)),
                (.loadBalancer, .ipPort(let ip, let proto, let port)),
                (.loadBalancerLocal, .ipPort(let ip, let proto, let port)):
                frontends.insert(.address(AddressPort(ip, port), proto))
            case (.nodePortTCP, .port(let port)), (.nodePortLocalTCP, .port(let port)):
                nodePorts.insert(NodePort(proto: .tcp, port: port))
            case (.nodePortUDP, .port(let port)), (.nodePortLocalUDP, .port(let port)):
                nodePorts.insert(NodePort(proto: .udp, port: port))
            case (.nodePortSCTP, .ipPort(_, let proto, let port)),
                (.nodePortLocalSCTP, .ipPort(_, let proto, let port)):
                nodePorts.insert(NodePort(proto: proto, port: port))
            default: break
            }
        }
    }

    /// What the configuration leaves to others is never ours.
    func contains(_ key: VirtualServer.Key) -> Bool {
        guard key.family == family else { return false }
        switch key {
        case .mark(let mark, _): return FirewallMarks.isOurs(mark)
        case .address(let address, let proto):
            if options.leavesToOthers(address.address) { return false }
            return addresses.contains(address.address) || frontends.contains(key)
                || nodePorts.contains(NodePort(proto: proto, port: address.port))
        }
    }
}
