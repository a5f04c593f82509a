import CLinux
import NetTypes
import Netlink

extension RouteSocket {
    /// Ties an address on the link to a hardware address for good: nobody is asked where it is.
    public mutating func setNeighbour(
        _ address: IPAddress, hardwareAddress: [UInt8], link name: String
    ) throws(NetlinkError) {
        let index = try link(name).index
        try change(
            RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, operation: "set the neighbour \(address) on \(name)"
        ) { writer in
            var header = ndmsg()
            header.ndm_family = address.family.number
            header.ndm_ifindex = index
            header.ndm_state = UInt16(NUD_PERMANENT)
            writer.append(header)
            writer.attribute(Int(NDA_DST), address)
            hardwareAddress.withUnsafeBytes { writer.attribute(UInt16(NDA_LLADDR), bytes: $0) }
        }
    }
}
