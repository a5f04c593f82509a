import KubeAPI
import NetTypes

/// The routes to other nodes' pods: each node's pod CIDRs through the node's own address. Pure.
public enum NodeRoutes {
    /// What the API says of one other node.
    public struct Peer: Sendable, Hashable {
        public var name: String
        public var podCIDRs: [CIDR]
        /// Its InternalIPs; the first of a CIDR's family is the way to it.
        public var addresses: [IPAddress]

        public init(name: String, podCIDRs: [CIDR], addresses: [IPAddress]) {
            self.name = name
            self.podCIDRs = podCIDRs
            self.addresses = addresses
        }

        public init(_ node: Node) {
            self.init(name: node.metadata.name, podCIDRs: node.podCIDRs, addresses: node.internalIPs)
        }
    }

    /// A route of ours that the kernel has.
    public struct Observed: Sendable, Hashable {
        public var destination: CIDR
        /// Nil: the route is not of our making in form.
        public var gateway: IPAddress?

        public init(_ destination: CIDR, gateway: IPAddress?) {
            self.destination = destination
            self.gateway = gateway
        }
    }

    public enum Change: Sendable, Hashable {
        case set(CIDR, gateway: IPAddress)
        case remove(CIDR, gateway: IPAddress?)
    }

    public struct Plan: Sendable, Hashable {
        /// Removals first: a CIDR may go from one node to another.
        public var changes: [Change] = []
        /// Sentences for the log: what cannot be routed.
        public var problems: [String] = []
    }

    /// - Parameters:
    ///   - own: this node's pod CIDRs: no route may lead them away.
    ///   - observed: the routes with our origin in the main table.
    public static func plan(desired peers: [Peer], own: [CIDR], observed: [Observed]) -> Plan {
        var plan = Plan()
        var wanted: [CIDR: (gateway: IPAddress, node: String)] = [:]
        for peer in peers.sorted(by: { $0.name < $1.name }) {
            for range in peer.podCIDRs {
                guard let gateway = peer.addresses.first(where: { $0.family == range.family }) else {
                    plan.problems.append("node \(peer.name) has the pod CIDR \(range) and no address of its family")
                    continue
                }
                if let overlapping = own.first(where: { $0.contains(range) || range.contains($0) }) {
                    plan.problems.append(
                        "node \(peer.name) has the pod CIDR \(range), which overlaps this node's \(overlapping)")
                } else if let other = wanted[range] {
                    plan.problems.append("nodes \(other.node) and \(peer.name) have the same pod CIDR \(range)")
                } else {
                    wanted[range] = (gateway, peer.name)
                }
            }
        }
        let unwanted = observed.filter { wanted[$0.destination]?.gateway != $0.gateway }
        plan.changes = unwanted.map { .remove($0.destination, gateway: $0.gateway) }.sorted()
        let there = Set(observed)
        plan.changes += wanted.filter { !there.contains(Observed($0.key, gateway: $0.value.gateway)) }
            .map { .set($0.key, gateway: $0.value.gateway) }.sorted()
        return plan
    }
}

extension NodeRoutes.Change: Comparable, CustomStringConvertible {
    public var destination: CIDR {
        switch self {
        case .set(let destination, _), .remove(let destination, _): destination
        }
    }

    public static func < (a: NodeRoutes.Change, b: NodeRoutes.Change) -> Bool { a.destination < b.destination }

    public var description: String {
        switch self {
        case .set(let destination, let gateway): "route \(destination) via \(gateway)"
        case .remove(let destination, let gateway): "no route \(destination)\(gateway.map { " via \($0)" } ?? "")"
        }
    }
}
