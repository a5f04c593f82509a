import Glibc
import Lab
import Namespaces
import NetTypes
import Routes

/// The namespaces of a cluster and the links between them; making what is there already changes nothing.
public struct ClusterWiring: Sendable {
    static let bridge = "nodes"

    let layout: ClusterLayout

    public init(_ layout: ClusterLayout) { self.layout = layout }

    /// The namespaces that are there, sorted.
    public func namespaces() throws -> [String] {
        try NamedNamespace.list(prefix: layout.name + "-").filter(layout.isMember)
    }

    public func makeControl() throws {
        if try namespaces().contains(layout.controlNamespace) { return }
        try NamedNamespace.create(layout.controlNamespace).run {
            NamespaceSettings.apply(forwards: true)
            var routes = try RouteSocket()
            try routes.createBridge(Self.bridge)
            try routes.addAddress(
                ClusterLayout.controlAddress, prefixLength: ClusterLayout.prefixLength, to: Self.bridge)
            try routes.setUp(Self.bridge)
            if let range = CIDR(ClusterLayout.loadBalancerRange) {
                try routes.addRoute(Route(range, via: ClusterLayout.nodeAddress(1), link: Self.bridge))
            }
        }
    }

    public func makeNode(_ number: Int) throws {
        let name = layout.nodeNamespace(number)
        if try namespaces().contains(name) { return }
        let node = try NamedNamespace.create(name)
        do {
            try node.run { NamespaceSettings.apply(forwards: true) }
            try control().run {
                var routes = try RouteSocket()
                try routes.createVeth(Self.port(number), peer: "eth0", inNamespace: node.descriptor)
                try routes.attach(Self.port(number), to: Self.bridge)
                try routes.setUp(Self.port(number))
            }
            try node.run {
                var routes = try RouteSocket()
                try routes.addAddress(
                    ClusterLayout.nodeAddress(number), prefixLength: ClusterLayout.prefixLength, to: "eth0")
                try routes.setUp("eth0")
                try routes.addRoute(.default(via: ClusterLayout.controlAddress, link: "eth0"))
            }
        } catch {
            try NamedNamespace.delete(name)
            throw error
        }
    }

    /// Plugs a node's link in or out.
    public func connect(_ number: Int, _ isConnected: Bool) throws {
        try control().run {
            var routes = try RouteSocket()
            if isConnected {
                try routes.setUp(Self.port(number))
            } else {
                try routes.setDown(Self.port(number))
            }
        }
    }

    private func control() throws -> NetworkNamespace { try NetworkNamespace.named(layout.controlNamespace) }

    private static func port(_ number: Int) -> String { "node-\(number)" }
}
