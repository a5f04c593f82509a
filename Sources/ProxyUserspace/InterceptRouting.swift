import Glibc
import NetTypes
import Routes

/// The policy routing that delivers intercepted packets here, and an ear for those who change it.
struct InterceptRouting: ~Copyable {
    private let delivery: MarkedDelivery
    private var socket: RouteSocket
    private var monitor: MarkedDeliveryMonitor

    init(_ family: IPFamily) throws {
        let mark = UserspaceLayout.transparentMark
        delivery = MarkedDelivery(family, mark: mark, mask: mark, table: UserspaceLayout.transparentTable)
        let socket = try RouteSocket()
        monitor = try MarkedDeliveryMonitor(delivery, ignoring: [socket.portID])
        self.socket = socket
    }

    /// Readable when others may have changed it; owned by this value.
    var notifications: CInt { monitor.descriptor }

    /// Puts in place what is missing; how much that is.
    mutating func install() throws -> Int { try socket.install(delivery) ? 1 : 0 }

    mutating func remove() throws { try socket.remove(delivery) }

    /// False when packets were delivered no longer after what others did. Never waits.
    mutating func isIntact() throws -> Bool {
        if try monitor.drain() { return try socket.delivers(delivery) }
        return true
    }
}
