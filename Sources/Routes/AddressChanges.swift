import CLinux
import NetTypes
import Netlink

extension RouteSocket {
    /// Gives an interface an address. IPv6 addresses skip duplicate address detection, so they work at once.
    public mutating func addAddress(
        _ address: IPAddress, prefixLength: UInt8, to name: String
    ) throws(NetlinkError) {
        let index = try link(name).index
        try change(
            RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, operation: "add \(address)/\(prefixLength) to \(name)"
        ) { writer in
            writer.address(address, prefixLength, index)
            if address.family == .ipv6 { writer.attribute(UInt16(IFA_FLAGS), UInt32(IFA_F_NODAD)) }
        }
    }

    /// Takes an address from an interface; throws EADDRNOTAVAIL if it has no such address.
    public mutating func removeAddress(
        _ address: IPAddress, prefixLength: UInt8, from name: String
    ) throws(NetlinkError) {
        let index = try link(name).index
        try change(RTM_DELADDR, operation: "remove \(address)/\(prefixLength) from \(name)") { writer in
            writer.address(address, prefixLength, index)
        }
    }
}

extension NetlinkWriter {
    fileprivate mutating func address(_ address: IPAddress, _ prefixLength: UInt8, _ link: Int32) {
        var header = ifaddrmsg()
        header.ifa_family = address.family.number
        header.ifa_prefixlen = prefixLength
        header.ifa_index = UInt32(bitPattern: link)
        append(header)
        attribute(IFA_LOCAL, address)
        attribute(IFA_ADDRESS, address)
    }
}
