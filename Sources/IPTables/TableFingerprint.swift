import CLinux
import CXTables
import Glibc
import NetTypes
import Netlink

/// Tells in microseconds, without a process, whether chains are as they were.
public struct TableFingerprint: ~Copyable {
    private let programs: IPTablesPrograms
    private var socket: NetlinkSocket

    public init(_ programs: IPTablesPrograms) throws(NetlinkError) {
        self.programs = programs
        socket = try NetlinkSocket(.netfilter, receiveBuffer: 1 << 18)
    }

    /// A number for each chain that changes when a rule of it, or a jump to it, comes or goes; -1 for a chain that is
    /// not there. iptables-legacy has one for each whole table: its rules and bytes.
    public mutating func read(_ chains: [(table: String, chain: String)]) throws(NetlinkError) -> [Int] {
        var numbers: [Int] = []
        for item in chains {
            numbers.append(
                programs.variant == .nft ? try references(item.table, item.chain) : try legacySize(item.table))
        }
        return numbers
    }

    /// How often a chain is used: its rules, and the jumps to it.
    private mutating func references(_ table: String, _ chain: String) throws(NetlinkError) -> Int {
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
        var count = -1
        let operation = "look at the chain \(chain)"
        let replies = try socket.exchange(writer.bytes, operation: operation) { message in
            if let use = message.attributes(after: 4).first(UInt16(NFTA_CHAIN_USE.rawValue))?.uint32 {
                count = Int(use.byteSwapped)
            }
        }
        if let refusal = replies.first(where: { $0.code != 0 && $0.code != ENOENT }) {
            throw NetlinkError(operation, code: refusal.code, detail: refusal.detail)
        }
        return count
    }

    private func legacySize(_ table: String) throws(NetlinkError) -> Int {
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
}

private func socket_raw(_ family: CInt) -> CInt {
    socket(family, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), CInt(IPPROTO_RAW))
}
