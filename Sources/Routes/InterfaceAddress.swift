import CLinux
import NetTypes
import Netlink

/// An address of an interface.
public struct InterfaceAddress: Sendable, Hashable {
    /// How far the address is valid (rtnetlink(7)); IPv6 addresses carry the scope of their prefix.
    public enum Scope: Sendable, Hashable { case global, site, link, host }

    public let address: IPAddress
    public let prefixLength: UInt8
    /// Index of the interface.
    public let link: Int32
    public let scope: Scope
    public let flags: UInt32

    /// IPv4: another address of the same subnet came first. IPv6: a privacy address.
    public var isSecondary: Bool { flags & UInt32(IFA_F_SECONDARY) != 0 }
    public var isDeprecated: Bool { flags & UInt32(IFA_F_DEPRECATED) != 0 }
    /// Duplicate address detection has not finished, or found a duplicate: not usable.
    public var isTentative: Bool { flags & UInt32(IFA_F_TENTATIVE | IFA_F_DADFAILED) != 0 }

    /// Decodes an RTM_NEWADDR or RTM_DELADDR message; nil for anything else or when it is cut short.
    init?(_ message: NetlinkMessage) {
        guard [RTM_NEWADDR, RTM_DELADDR].contains(Int(message.type)),
            message.payload.count >= MemoryLayout<ifaddrmsg>.size
        else { return nil }
        let header = message.payload.loadUnaligned(as: ifaddrmsg.self)
        var address: IPAddress?
        var flags = UInt32(header.ifa_flags)
        for attribute in message.attributes(after: MemoryLayout<ifaddrmsg>.size) {
            switch Int(attribute.type) {
            // On a point-to-point interface IFA_ADDRESS is the peer; IFA_LOCAL is then ours.
            case IFA_ADDRESS: address = address ?? IPAddress(networkBytes: attribute.value)
            case IFA_LOCAL: address = IPAddress(networkBytes: attribute.value)
            case IFA_FLAGS: flags = attribute.uint32 ?? flags
            default: break
            }
        }
        guard let address, header.ifa_prefixlen <= address.family.bits else { return nil }
        self.address = address
        self.prefixLength = header.ifa_prefixlen
        self.link = Int32(bitPattern: header.ifa_index)
        self.scope = Scope(header.ifa_scope)
        self.flags = flags
    }
}

extension InterfaceAddress.Scope {
    fileprivate init(_ value: UInt8) {
        switch rt_scope_t(UInt32(value)) {
        case RT_SCOPE_UNIVERSE: self = .global
        case RT_SCOPE_SITE: self = .site
        case RT_SCOPE_LINK: self = .link
        default: self = .host
        }
    }
}
