import NetTypes
import Nftables
import ProxyCore

/// How tables look Services up.
public enum ServiceKey {
    /// An address, protocol and port on which a Service is served.
    public static let service: [Selector] = [.destinationAddress, .l4proto, .destinationPort]
    /// The same for a node port, on any of the node's addresses.
    public static let nodePort: [Selector] = [.l4proto, .destinationPort]
}

extension NodeFacts {
    /// Statements of which one matches exactly the traffic of local pods; empty when that is not known.
    public func localPodMatches(_ family: IPFamily) -> [Statement] {
        switch detector {
        case .cidrs(let cidrs): cidrs.filter { $0.family == family }.map { .matchAddress(.sourceAddress, $0) }
        case .bridge(let name): [.matchInputInterface(name)]
        case .interfacePrefix(let prefix): [.matchInputInterface(prefix, isPrefix: true)]
        case .none: []
        }
    }
}
