import CLinux
import CXTables
import Glibc
import NetTypes
import Netlink

/// Tells in microseconds, without a process, what is there.
public struct TableFingerprint: ~Copyable {
    private let programs: IPTablesPrograms
    private var socket: NetlinkSocket

    public init(_ programs: IPTablesPrograms) throws(NetlinkError) {
        self.programs = programs
        socket = try NetlinkSocket(.netfilter, receiveBuffer: 1 << 18)
    }

    /// iptables-legacy: a number for each table, its rules and bytes; -1 where the kernel has no such table. Newer
    /// kernels make a table that is asked for.
    public func sizes(_ tables: [String]) throws(NetlinkError) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for table in tables { sizes[table] = try size(table) }
        return sizes
    }

    private func size(_ table: String) throws(NetlinkError) -> Int {
        let operation = "look at the table \(table)"
        let isIPv4 = programs.family == .ipv4
        let raw = socket_raw(isIPv4 ? AF_INET : AF_INET6)
        guard raw >= 0 else { throw NetlinkError(operation) }
        defer { close(raw) }
        var info = ipt_getinfo()
        withUnsafeMutableBytes(of: &info.name) { $0.copyBytes(from: table.utf8.prefix(31)) }
        var length = socklen_t(MemoryLayout<ipt_getinfo>.size)
        let level = CInt(isIPv4 ? IPPROTO_IP : Int(IPPROTO_IPV6))
        guard getsockopt(raw, level, APUS_IPT_SO_GET_INFO, &info, &length) == 0 else { return -1 }
        return Int(info.num_entries) << 32 | Int(info.size)
    }

    /// A number for each chain that changes when a rule of it, or a jump to it, comes or goes; -1 for a chain that is
    /// not there. iptables-legacy has one for each whole table.
    public mutating func read(_ chains: [(table: String, chain: String)]) throws(NetlinkError) -> [Int] {
        var numbers: [Int] = []
        for item in chains {
            numbers.append(
                programs.variant == .nft ? try uses(of: item.chain, in: item.table) ?? -1 : try size(item.table))
        }
        return numbers
    }

    /// iptables-nft: whether a chain is there.
    public mutating func hasChain(_ chain: String, in table: String) throws(NetlinkError) -> Bool {
        try uses(of: chain, in: table) != nil
    }

    /// How often a chain is used, its rules and the jumps to it; nil for one that is not there.
    private mutating func uses(of chain: String, in table: String) throws(NetlinkError) -> Int? {
        var writer = NetlinkWriter()
        writer.beginMessage(
            type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_GETCHAIN.rawValue),
            flags: UInt16(NLM_F_REQUEST | NLM_F_ACK), sequence: socket.nextSequence())
        writer.append(UInt8(programs.family == .ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
        writer.attribute(UInt16(NFTA_CHAIN_TABLE.rawValue), table)
        writer.attribute(UInt16(NFTA_CHAIN_NAME.rawValue), chain)
        writer.endMessage()
        let operation = "look at the chain \(chain)"
        var count = 0
        let replies = try socket.exchange(writer.bytes, operation: operation) { message in
            if let use = message.attributes(after: 4).first(UInt16(NFTA_CHAIN_USE.rawValue))?.uint32 {
                count = Int(use.byteSwapped)
            }
        }
        guard let refusal = replies.first(where: { $0.code != 0 }) else { return count }
        if refusal.code == ENOENT { return nil }
        throw NetlinkError(operation, code: refusal.code, detail: refusal.detail)
    }
}

private func socket_raw(_ family: CInt) -> CInt {
    socket(family, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), CInt(IPPROTO_RAW))
}
