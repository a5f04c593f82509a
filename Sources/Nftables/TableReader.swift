import CNftnl
import Glibc
import Netlink
import NetTypes

extension NftablesSession {
    /// The tables of a family, in the kernel's order.
    public mutating func tables(_ family: IPFamily) throws(NftablesError) -> [TableID] {
        try consistently("list tables") { session throws(NetlinkError) in
            var tables: [TableID] = []
            try session.listTables(family) { name, _ in tables.append(TableID(family, name)) }
            return tables
        }
    }

    /// Reads a table; nil when there is none. Reads again when it changed meanwhile.
    public mutating func readTable(_ table: TableID) throws(NftablesError) -> ObservedTable? {
        try consistently("read table \(table)") { session throws(NetlinkError) in try session.readOnce(table) }
    }

    /// Reads one chain; nil when there is none.
    public mutating func readChain(_ name: String, of table: TableID) throws(NftablesError) -> ObservedChain? {
        try consistently("read chain \(name)") { session throws(NetlinkError) in
            try session.readChainOnce(name, of: table)
        }
    }

    /// Calls `body` with each element of a set; repeats from the beginning after `restart` when it changed meanwhile.
    public mutating func forEachElement(
        of set: String, in table: TableID, restart: () -> Void, _ body: (SetElement) -> Void
    ) throws(NftablesError) {
        try consistently("read the elements of \(set)") { session throws(NetlinkError) in
            restart()
            try session.readElements(of: set, in: table, body)
        }
    }

    /// The number of the last change to any table of the network namespace.
    public mutating func generation() throws(NftablesError) -> UInt32 {
        do { return try readGeneration() } catch { throw NftablesError(error) }
    }

    /// Repeats `body` until nothing changed while it ran. The kernel marks interrupted dumps of most objects, but not
    /// of elements.
    mutating func consistently<Value>(
        _ operation: String, _ body: (inout NftablesSession) throws(NetlinkError) -> Value
    ) throws(NftablesError) -> Value {
        for _ in 0..<20 {
            do {
                let generation = try readGeneration()
                let value = try body(&self)
                if try readGeneration() == generation { return value }
            } catch {
                if error.code != EINTR { throw NftablesError(error) }
            }
        }
        throw NftablesError(NetlinkError(operation, code: EINTR))
    }

    private mutating func readGeneration() throws(NetlinkError) -> UInt32 {
        var generation: UInt32?
        try ask(TableID(.ipv4, ""), NFT_MSG_GETGEN.rawValue, flags: NLM_F_ACK, "read the generation", { _ in }) {
            generation = $0.attributes(after: 4).first(UInt16(NFTA_GEN_ID.rawValue))?.big32
        }
        guard let generation else { throw NetlinkError("read the generation", code: EPROTO) }
        return generation
    }

    // MARK: Dumps

    private mutating func readOnce(_ table: TableID) throws(NetlinkError) -> ObservedTable? {
        var observed: ObservedTable?
        try listTables(table.family) { name, comment in
            if name == table.name { observed = ObservedTable(comment: comment) }
        }
        guard var found = observed else { return nil }
        try readChains(of: table, into: &found)
        try readSets(of: table, into: &found)
        try readRules(of: table, into: &found)
        return found
    }

    private mutating func listTables(
        _ family: IPFamily, _ body: (_ name: String, _ comment: String?) -> Void
    ) throws(NetlinkError) {
        try ask(TableID(family, ""), NFT_MSG_GETTABLE.rawValue, "list tables", { _ in }) { message in
            let attributes = message.attributes(after: 4)
            guard let name = attributes.first(UInt16(NFTA_TABLE_NAME.rawValue))?.string else { return }
            body(name, attributes.first(UInt16(NFTA_TABLE_USERDATA.rawValue))?.comment)
        }
    }

    private mutating func readChains(of table: TableID, into found: inout ObservedTable) throws(NetlinkError) {
        try ask(table, NFT_MSG_GETCHAIN.rawValue, "list chains", { _ in }) { message in
            guard let chain = ObservedChain(message, in: table) else { return }
            found.chains[chain.name] = chain
        }
    }

    /// nil where there is none.
    private mutating func readChainOnce(_ name: String, of table: TableID) throws(NetlinkError) -> ObservedChain? {
        var found = ObservedTable(comment: nil)
        do {
            try ask(
                table, NFT_MSG_GETCHAIN.rawValue, flags: NLM_F_ACK, "read chain \(name)",
                {
                    $0.attribute(UInt16(NFTA_CHAIN_TABLE.rawValue), table.name)
                    $0.attribute(UInt16(NFTA_CHAIN_NAME.rawValue), name)
                }
            ) { message in
                if let chain = ObservedChain(message, in: table) { found.chains[chain.name] = chain }
            }
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        try readRules(of: table, chain: name, into: &found)
        return found.chains[name]
    }

    private mutating func readSets(of table: TableID, into found: inout ObservedTable) throws(NetlinkError) {
        try ask(
            table, NFT_MSG_GETSET.rawValue, "list sets", { $0.attribute(UInt16(NFTA_SET_TABLE.rawValue), table.name) }
        ) { message in
            guard let set = ObservedSet(message) else { return }
            found.sets[set.name] = set
        }
    }

    /// `chain`: the rules of this chain only.
    private mutating func readRules(
        of table: TableID, chain: String? = nil, into found: inout ObservedTable
    ) throws(NetlinkError) {
        try ask(
            table, NFT_MSG_GETRULE.rawValue, "list rules",
            {
                $0.attribute(UInt16(NFTA_RULE_TABLE.rawValue), table.name)
                if let chain { $0.attribute(UInt16(NFTA_RULE_CHAIN.rawValue), chain) }
            }
        ) { message in
            let chain = message.attributes(after: 4).first(UInt16(NFTA_RULE_CHAIN.rawValue))?.string ?? ""
            let rule = NftnlRule()
            let header = message.bytes.baseAddress?.assumingMemoryBound(to: nlmsghdr.self)
            guard let header else { return }
            let isRead = nftnl_rule_nlmsg_parse(header, rule.handle) >= 0
            // A rule with expressions that libnftnl does not know is none of ours.
            found.chains[chain]?.rules.append(isRead ? rule.fingerprint : "unknown")
        }
    }

    private mutating func readElements(
        of set: String, in table: TableID, _ body: (SetElement) -> Void
    ) throws(NetlinkError) {
        var intervals = IntervalReader()
        try ask(
            table, NFT_MSG_GETSETELEM.rawValue, "list elements of \(set)",
            {
                $0.attribute(UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
                $0.attribute(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set)
            }
        ) { message in
            guard let list = message.attributes(after: 4).first(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) else {
                return
            }
            for item in list.nested { if let element = intervals.element(item.nested) { body(element) } }
        }
    }

    /// Hands over each message of the answer. With NLM_F_ACK instead of NLM_F_DUMP it is the answer to one question.
    private mutating func ask(
        _ table: TableID, _ type: UInt32, flags: Int32 = NLM_F_DUMP, _ operation: String,
        _ attributes: (inout NetlinkWriter) -> Void,
        _ body: (NetlinkMessage) -> Void
    ) throws(NetlinkError) {
        var writer = NetlinkWriter()
        let sequence = socket.nextSequence()
        writer.beginMessage(
            type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type), flags: UInt16(NLM_F_REQUEST | flags),
            sequence: sequence)
        writer.append(UInt8(table.familyNumber))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
        attributes(&writer)
        writer.endMessage()
        try socket.dump(writer.bytes, sequence: sequence, operation: operation, body)
    }
}
