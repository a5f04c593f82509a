import CNftnl
import Glibc
import Netlink
import NetTypes

/// Hears of changes to tables that others made.
public struct NftablesMonitor: ~Copyable {
    private var socket: NetlinkSocket
    private var ownPortIDs: Set<UInt32>

    public enum Change: Sendable, Hashable {
        /// An element of a set came or went.
        case element(TableID, set: String, key: RegisterBytes)
        /// A chain or its rules changed.
        case chain(TableID, String)
        /// Something else in this table changed.
        case table(TableID)
        /// More happened than the socket could hold.
        case unknown
    }

    /// For poll: readable when something changed.
    public var descriptor: CInt { socket.descriptor }

    /// Listens from now on; changes made through sessions with these port ids are passed over.
    public init(ignoring portIDs: Set<UInt32>) throws(NftablesError) {
        ownPortIDs = portIDs
        do { socket = try Self.listen(ignoring: portIDs) } catch { throw NftablesError(error) }
    }

    /// Passes over changes made through more sessions.
    public mutating func ignore(_ portIDs: Set<UInt32>) {
        ownPortIDs.formUnion(portIDs)
        socket.dropMessages(fromPortIDs: ownPortIDs.sorted())
    }

    /// Passes over changes made through these sessions, and no longer over others'.
    public mutating func ignoreOnly(_ portIDs: Set<UInt32>) {
        ownPortIDs = portIDs
        socket.dropMessages(fromPortIDs: portIDs.sorted())
    }

    private static func listen(ignoring portIDs: Set<UInt32>) throws(NetlinkError) -> NetlinkSocket {
        let socket = try NetlinkSocket(.netfilter, receiveBuffer: 1 << 20)
        socket.dropMessages(fromPortIDs: portIDs.sorted())
        try socket.subscribe(UInt32(NFNLGRP_NFTABLES.rawValue))
        return socket
    }

    /// Every change since the last call. Never waits.
    public mutating func drain() -> Set<Change> {
        var changes: Set<Change> = []
        while true {
            do {
                let any = try socket.receive(waiting: false, operation: "listen to nf_tables") { message in
                    if !ownPortIDs.contains(message.portID), let table = Self.table(message) {
                        changes.formUnion(Self.changes(message, table))
                    }
                    return true
                }
                if !any { return changes }
            } catch {
                changes.insert(.unknown)
                if error.code != ENOBUFS { return changes }
            }
        }
    }

    /// The table that a notification is about; nil for the end-of-transaction message and other families.
    private static func table(_ message: NetlinkMessage) -> TableID? {
        guard message.type != UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_NEWGEN.rawValue) else { return nil }
        // Every nf_tables object has its table's name in attribute 1.
        guard let name = message.attributes(after: 4).first(1)?.string else { return nil }
        switch CInt(message.payload.first ?? 0) {
        case CInt(NFPROTO_IPV4): return TableID(.ipv4, name)
        case CInt(NFPROTO_IPV6): return TableID(.ipv6, name)
        default: return nil
        }
    }

    private static func changes(_ message: NetlinkMessage, _ table: TableID) -> [Change] {
        let attributes = message.attributes(after: 4)
        switch UInt32(message.type & 0xff) {
        case NFT_MSG_NEWCHAIN.rawValue, NFT_MSG_DELCHAIN.rawValue:
            return attributes.first(UInt16(NFTA_CHAIN_NAME.rawValue)).map { [.chain(table, $0.string)] }
                ?? [.table(table)]
        case NFT_MSG_NEWRULE.rawValue, NFT_MSG_DELRULE.rawValue:
            return attributes.first(UInt16(NFTA_RULE_CHAIN.rawValue)).map { [.chain(table, $0.string)] }
                ?? [.table(table)]
        case NFT_MSG_NEWSETELEM.rawValue, NFT_MSG_DELSETELEM.rawValue:
            guard let set = attributes.first(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue))?.string,
                let list = attributes.first(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
            else { return [.table(table)] }
            return list.nested.map { item in
                item.nested.key.map { .element(table, set: set, key: $0) } ?? .table(table)
            }
        default: return [.table(table)]
        }
    }
}
