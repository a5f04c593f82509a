import NetTypes
import Netlink
import Routes

/// Where routes to other nodes' pods are put. The kernel's main table is one place; a routing protocol that announces and
/// learns them is another.
public protocol NodeRouteTable: ~Copyable {
    mutating func observed() throws -> [NodeRoutes.Observed]
    mutating func perform(_ change: NodeRoutes.Change) throws
}

/// The kernel's main table, in the namespace of the thread that makes it. Only routes with our origin are seen and touched.
public struct KernelNodeRoutes: NodeRouteTable, ~Copyable {
    private var socket: RouteSocket

    /// rtm_protocol of these routes; those to pods of this node have another.
    public static let origin: UInt8 = 194

    public init() throws(NetlinkError) { socket = try RouteSocket() }

    /// See `RouteMonitor.drain`.
    public var portID: UInt32 { socket.portID }

    public mutating func observed() throws -> [NodeRoutes.Observed] {
        try socket.routes().filter { $0.origin == Self.origin }.map {
            NodeRoutes.Observed($0.destination, gateway: $0.gateway)
        }
    }

    /// A route that is gone already is as it should be.
    public mutating func perform(_ change: NodeRoutes.Change) throws {
        switch change {
        case .set(let destination, let gateway):
            try socket.replaceRoute(Route(destination, via: gateway, origin: Self.origin))
        case .remove(let destination, let gateway):
            do {
                try socket.deleteRoute(Route(destination, via: gateway, origin: Self.origin))
            } catch  where error.isNoSuchRoute {}
        }
    }
}

extension NetlinkError {
    fileprivate var isNoSuchRoute: Bool { code == 3 /* ESRCH */ }
}
