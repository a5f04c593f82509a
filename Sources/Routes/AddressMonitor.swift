import CLinux
import Glibc
import Netlink

/// Tells of changed interfaces and addresses in the namespace of the thread that opens it.
///
/// Open it before the first list: then nothing falls between the two.
public struct AddressMonitor: ~Copyable {
    public enum Change: Sendable, Hashable {
        case address(InterfaceAddress)
        case addressRemoved(InterfaceAddress)
        case link(Link)
        case linkRemoved(Link)
        /// The kernel dropped messages: list everything again.
        case overflow
    }

    private var socket: NetlinkSocket

    public init() throws(NetlinkError) {
        let socket = try NetlinkSocket(.route, receiveBuffer: 1 << 20)
        for group in [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR] {
            try socket.subscribe(group.rawValue)
        }
        self.socket = socket
    }

    /// Readable when there is something to drain; owned by the monitor.
    public var descriptor: CInt { socket.descriptor }

    /// What happened since the last call; never waits.
    public mutating func drain() throws(NetlinkError) -> [Change] {
        var changes: [Change] = []
        while true {
            do {
                let hadMore = try socket.receive(waiting: false, operation: "read address changes") { message in
                    if let change = Change(message) { changes.append(change) }
                    return true
                }
                if !hadMore { return changes }
            } catch  where error.code == ENOBUFS {
                changes.append(.overflow)
            }
        }
    }
}

extension AddressMonitor.Change {
    fileprivate init?(_ message: NetlinkMessage) {
        switch Int(message.type) {
        case RTM_NEWADDR: self.init(InterfaceAddress(message).map(Self.address))
        case RTM_DELADDR: self.init(InterfaceAddress(message).map(Self.addressRemoved))
        case RTM_NEWLINK: self.init(Link(message).map(Self.link))
        case RTM_DELLINK: self.init(Link(message).map(Self.linkRemoved))
        default: return nil
        }
    }

    private init?(_ change: Self?) {
        guard let change else { return nil }
        self = change
    }
}
