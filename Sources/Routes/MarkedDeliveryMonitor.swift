import CLinux
import Glibc
import NetTypes
import Netlink

/// Hears of changes to what a `MarkedDelivery` is made of: every rule of its family, and the routes of its table. In the
/// namespace of the thread that opens it.
public struct MarkedDeliveryMonitor: ~Copyable {
    private var socket: NetlinkSocket
    private let table: UInt32

    /// Passes over what is done through `RouteSocket`s with these port ids.
    public init(_ delivery: MarkedDelivery, ignoring portIDs: [UInt32]) throws(NetlinkError) {
        let socket = try NetlinkSocket(.route, receiveBuffer: 1 << 18)
        socket.dropMessages(fromPortIDs: portIDs)
        let groups =
            delivery.family == .ipv4
            ? [RTNLGRP_IPV4_RULE, RTNLGRP_IPV4_ROUTE] : [RTNLGRP_IPV6_RULE, RTNLGRP_IPV6_ROUTE]
        for group in groups { try socket.subscribe(group.rawValue) }
        self.socket = socket
        table = delivery.table
    }

    /// Readable when there may be something; owned by the monitor.
    public var descriptor: CInt { socket.descriptor }

    /// Whether anything has changed since the last call, or more happened than the socket could hold. Never waits.
    public mutating func drain() throws(NetlinkError) -> Bool {
        var hasChanged = false
        while true {
            do {
                let hadMore = try socket.receive(waiting: false, operation: "read routing changes") { message in
                    switch Int(message.type) {
                    case RTM_NEWRULE, RTM_DELRULE: hasChanged = true
                    case RTM_NEWROUTE, RTM_DELROUTE: if message.routingTable == table { hasChanged = true }
                    default: break
                    }
                    return true
                }
                if !hadMore { return hasChanged }
            } catch  where error.code == ENOBUFS {
                hasChanged = true
            }
        }
    }
}
