import Glibc
import NetTypes
import Netlink
import Routes

/// `kube-ipvs0`, the interface that makes service addresses the node's own, so that IPVS sees their packets.
enum ServiceDevice {
    static let name = "kube-ipvs0"
    /// The other end, where the kernel has no dummy interfaces.
    private static let peer = "kube-ipvs1"

    /// The addresses it holds; nil when it does not exist.
    static func addresses(_ routes: inout RouteSocket, _ family: IPFamily) throws -> Set<IPAddress>? {
        guard let link = try find(&routes) else { return nil }
        let all = try routes.addresses().filter { $0.link == link.index && $0.address.family == family }
        return Set(all.map(\.address).filter { !$0.isLinkLocal })
    }

    static func find(_ routes: inout RouteSocket) throws -> Link? {
        do {
            return try routes.link(name)
        } catch  where error.code == ENODEV {
            return nil
        }
    }

    /// Makes it, or brings it up again where somebody took it down.
    static func ensure(_ routes: inout RouteSocket) throws {
        guard let link = try find(&routes) else { return try create(&routes) }
        if !link.isUp { try routes.setUp(name) }
    }

    private static func create(_ routes: inout RouteSocket) throws {
        do {
            try routes.createDummy(name)
        } catch  where error.code == EOPNOTSUPP {
            try routes.createVeth(name, peer: peer)
        }
        try routes.setUp(name)
    }

    /// Addresses of the other interfaces: they are the node's own already.
    static func foreignAddresses(_ routes: inout RouteSocket) throws -> Set<IPAddress> {
        let index = try find(&routes)?.index
        return Set(try routes.addresses().filter { $0.link != index }.map(\.address))
    }
}
