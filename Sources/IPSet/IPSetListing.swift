import CIPSet
import Glibc
import Netlink

/// Reads sets over a netlink socket of the project's own. libipset prints what it lists: it looks each entry's protocol
/// up in /etc/protocols for that, which makes 100,000 entries take a second (docs/ipvs.md), and gives up at the first
/// set that another program made by a newer revision of its type.
struct IPSetListing: ~Copyable {
    private var socket: NetlinkSocket

    /// nfgenmsg: family, version, resource.
    private static let familyHeaderLength = 4
    private static let messageType = UInt16(NFNL_SUBSYS_IPSET) << 8 | UInt16(IPSET_CMD_LIST.rawValue)

    init() throws(NetlinkError) { socket = try NetlinkSocket(.netfilter) }

    /// One set, or all. Throws ENOENT when there is none of that name.
    mutating func sets(_ set: String? = nil, headersOnly: Bool) throws(NetlinkError) -> [SetContents] {
        // Sets come and go meanwhile.
        for _ in 0..<8 {
            if let found = try listOnce(set, headersOnly) { return found }
        }
        throw NetlinkError("list ipsets", code: EINTR)
    }

    /// nil when the listing was interrupted by a change.
    private mutating func listOnce(_ set: String?, _ headersOnly: Bool) throws(NetlinkError) -> [SetContents]? {
        let sequence = socket.nextSequence()
        var found: [SetContents] = []
        let operation = set.map { "list the ipset \($0)" } ?? "list ipsets"
        do throws(NetlinkError) {
            try socket.dump(Self.request(set, headersOnly, sequence), sequence: sequence, operation: operation) {
                Self.take($0, into: &found)
            }
        } catch {
            if error.code == EINTR { return nil }
            throw error
        }
        return found
    }

    private static func request(_ set: String?, _ headersOnly: Bool, _ sequence: UInt32) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.beginMessage(type: messageType, flags: UInt16(NLM_F_REQUEST | NLM_F_DUMP), sequence: sequence)
        writer.append(UInt8(AF_INET))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
        writer.attribute(UInt16(IPSET_ATTR_PROTOCOL), UInt8(IPSET_PROTOCOL))
        if let set { writer.attribute(UInt16(IPSET_ATTR_SETNAME), set) }
        if headersOnly {
            writer.attribute(
                UInt16(IPSET_ATTR_FLAGS) | UInt16(NLA_F_NET_BYTEORDER),
                UInt32(IPSET_FLAG_LIST_HEADER.rawValue).bigEndian)
        }
        writer.endMessage()
        return writer.bytes
    }

    /// A large set comes in several messages, of which the first has the header.
    private static func take(_ message: NetlinkMessage, into found: inout [SetContents]) {
        guard message.type == messageType else { return }
        let attributes = message.attributes(after: familyHeaderLength)
        if let header = SetContents(attributes) { found.append(header) }
        guard let last = found.indices.last,
            attributes.first(UInt16(IPSET_ATTR_SETNAME))?.string == found[last].spec.name,
            let list = attributes.first(UInt16(IPSET_ATTR_ADT))
        else { return }
        let kind = found[last].spec.kind
        found[last].entries += list.nested.compactMap { SetEntry(kind, $0.nested) }
    }
}
