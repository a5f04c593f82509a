import CNftnl
import Glibc
import Netlink
import NetTypes

/// A chain as the kernel holds it.
public struct ObservedChain: Sendable {
    public let name: String
    /// nil for a chain that is only jumped to.
    public let hook: Chain.Hook?
    /// What its rules do, in order, in a form that `Rule.fingerprint` gives alike.
    public internal(set) var rules: [String]
}

/// A set or map as the kernel holds it, without its elements.
public struct ObservedSet: Sendable, Equatable {
    public let name: String
    public let keyLength: UInt32
    public let dataLength: UInt32
    public let flags: UInt32
}

/// A table as the kernel holds it, without the elements of its sets.
public struct ObservedTable: Sendable {
    public let comment: String?
    public internal(set) var chains: [String: ObservedChain] = [:]
    public internal(set) var sets: [String: ObservedSet] = [:]
}

extension Rule {
    /// Equal for rules that do the same to packets of the family, whatever their comments.
    public func fingerprint(_ table: TableID) -> String {
        let rule = NftnlRule(table, chain: "")
        ExpressionEncoder.encode(Rule(statements), into: rule, family: table.family)
        return rule.fingerprint
    }
}

extension SetSpec {
    /// True when the observed set has this type: its elements can stay.
    public func matches(_ observed: ObservedSet, family: IPFamily) -> Bool {
        let data: UInt32 =
            switch data {
            case .selectors(let selectors): selectors.keyLength(family)
            case .verdict, nil: 0
            }
        let observedData = self.data == .verdict ? 0 : observed.dataLength
        return key.keyLength(family) == observed.keyLength && data == observedData && flags == observed.flags
    }
}

extension NftablesSession {
    /// Reads a table; nil when there is none. Reads again when it changed meanwhile.
    public mutating func readTable(_ table: TableID) throws(NftablesError) -> ObservedTable? {
        try repeatingInterrupted { session throws(NetlinkError) in try session.readOnce(table) }
    }

    /// Calls `body` with each element of a set; repeats from the beginning after `restart` when it changed meanwhile.
    public mutating func forEachElement(
        of set: String, in table: TableID, restart: () -> Void, _ body: (SetElement) -> Void
    ) throws(NftablesError) {
        try repeatingInterrupted { session throws(NetlinkError) in
            restart()
            try session.readElements(of: set, in: table, body)
        }
    }

    private mutating func repeatingInterrupted<Value>(
        _ body: (inout NftablesSession) throws(NetlinkError) -> Value
    ) throws(NftablesError) -> Value {
        for _ in 0..<20 {
            do { return try body(&self) } catch {
                if error.code != EINTR { throw NftablesError(error) }
            }
        }
        throw NftablesError(NetlinkError("read a table that keeps changing", code: EINTR))
    }

    // MARK: Dumps

    private mutating func readOnce(_ table: TableID) throws(NetlinkError) -> ObservedTable? {
        var observed: ObservedTable?
        try dump(table, NFT_MSG_GETTABLE.rawValue, "list tables", { _ in }) { message in
            let attributes = message.attributes(after: 4)
            guard attributes.first(UInt16(NFTA_TABLE_NAME.rawValue))?.string == table.name else { return }
            observed = ObservedTable(comment: attributes.first(UInt16(NFTA_TABLE_USERDATA.rawValue))?.comment)
        }
        guard var found = observed else { return nil }
        try dump(table, NFT_MSG_GETCHAIN.rawValue, "list chains", { _ in }) { message in
            guard let chain = ObservedChain(message, in: table) else { return }
            found.chains[chain.name] = chain
        }
        try dump(
            table, NFT_MSG_GETSET.rawValue, "list sets", { $0.attribute(UInt16(NFTA_SET_TABLE.rawValue), table.name) }
        ) { message in
            guard let set = ObservedSet(message) else { return }
            found.sets[set.name] = set
        }
        try dump(
            table, NFT_MSG_GETRULE.rawValue, "list rules",
            { $0.attribute(UInt16(NFTA_RULE_TABLE.rawValue), table.name) }
        ) { message in
            let chain = message.attributes(after: 4).first(UInt16(NFTA_RULE_CHAIN.rawValue))?.string ?? ""
            let rule = NftnlRule()
            let header = message.bytes.baseAddress?.assumingMemoryBound(to: nlmsghdr.self)
            guard let header, nftnl_rule_nlmsg_parse(header, rule.handle) >= 0 else { return }
            found.chains[chain]?.rules.append(rule.fingerprint)
        }
        return found
    }

    private mutating func readElements(
        of set: String, in table: TableID, _ body: (SetElement) -> Void
    ) throws(NetlinkError) {
        try dump(
            table, NFT_MSG_GETSETELEM.rawValue, "list elements of \(set)",
            {
                $0.attribute(UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
                $0.attribute(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set)
            }
        ) { message in
            guard let list = message.attributes(after: 4).first(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) else {
                return
            }
            for item in list.nested { if let element = SetElement(item.nested) { body(element) } }
        }
    }

    private mutating func dump(
        _ table: TableID, _ type: UInt32, _ operation: String, _ attributes: (inout NetlinkWriter) -> Void,
        _ body: (NetlinkMessage) -> Void
    ) throws(NetlinkError) {
        var writer = NetlinkWriter()
        let sequence = socket.nextSequence()
        writer.beginMessage(
            type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type), flags: UInt16(NLM_F_REQUEST | NLM_F_DUMP),
            sequence: sequence)
        writer.append(UInt8(table.familyNumber))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
        attributes(&writer)
        writer.endMessage()
        try socket.dump(writer.bytes, sequence: sequence, operation: operation, body)
    }
}

extension NetlinkAttribute {
    /// In network order, as nf_tables writes numbers.
    var big32: UInt32? { uint32.map { UInt32(bigEndian: $0) } }

    /// The comment in user data: type 0, text with a zero.
    var comment: String? {
        guard value.count >= 3, value[0] == 0, Int(value[1]) + 2 <= value.count else { return nil }
        return String(decoding: value[2..<(2 + Int(value[1]))].prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension ObservedChain {
    init?(_ message: NetlinkMessage, in table: TableID) {
        let attributes = message.attributes(after: 4)
        guard attributes.first(UInt16(NFTA_CHAIN_TABLE.rawValue))?.string == table.name,
            let name = attributes.first(UInt16(NFTA_CHAIN_NAME.rawValue))?.string
        else { return nil }
        self.name = name
        rules = []
        hook = attributes.first(UInt16(NFTA_CHAIN_HOOK.rawValue)).flatMap { hook in
            let kind = attributes.first(UInt16(NFTA_CHAIN_TYPE.rawValue))?.string
            let number = hook.nested.first(UInt16(NFTA_HOOK_HOOKNUM.rawValue))?.big32
            let priority = hook.nested.first(UInt16(NFTA_HOOK_PRIORITY.rawValue))?.big32
            guard let kind = kind.flatMap(Chain.Hook.Kind.init(rawValue:)), let priority,
                let point = Chain.Hook.Point.allCases.first(where: { $0.number == number })
            else { return nil }
            return Chain.Hook(kind, point, priority: Int32(bitPattern: priority))
        }
    }
}

extension ObservedSet {
    init?(_ message: NetlinkMessage) {
        let attributes = message.attributes(after: 4)
        guard let name = attributes.first(UInt16(NFTA_SET_NAME.rawValue))?.string else { return nil }
        func number(_ attribute: nft_set_attributes) -> UInt32 {
            attributes.first(UInt16(attribute.rawValue))?.big32 ?? 0
        }
        self.init(
            name: name, keyLength: number(NFTA_SET_KEY_LEN), dataLength: number(NFTA_SET_DATA_LEN),
            flags: number(NFTA_SET_FLAGS))
    }
}

extension SetElement {
    /// nil for elements that are not of a kind Apus writes.
    init?(_ attributes: NetlinkAttributes) {
        var key: RegisterBytes?
        var data = Data.none
        var comment: String?
        for attribute in attributes {
            switch attribute.type {
            case UInt16(NFTA_SET_ELEM_KEY.rawValue):
                key = attribute.nested.first(UInt16(NFTA_DATA_VALUE.rawValue)).flatMap {
                    RegisterBytes(padding: $0.value)
                }
            case UInt16(NFTA_SET_ELEM_DATA.rawValue): data = Data(attribute.nested)
            case UInt16(NFTA_SET_ELEM_USERDATA.rawValue): comment = attribute.comment
            default: break
            }
        }
        guard let key else { return nil }
        self.init(key: key, data: data, comment: comment)
    }
}

extension SetElement.Data {
    init(_ attributes: NetlinkAttributes) {
        if let value = attributes.first(UInt16(NFTA_DATA_VALUE.rawValue)),
            let bytes = RegisterBytes(padding: value.value)
        {
            self = .bytes(bytes)
        } else if let verdict = attributes.first(UInt16(NFTA_DATA_VERDICT.rawValue))?.nested {
            let chain = verdict.first(UInt16(NFTA_VERDICT_CHAIN.rawValue))?.string ?? ""
            switch verdict.first(UInt16(NFTA_VERDICT_CODE.rawValue))?.big32.map(Int32.init(bitPattern:)) {
            case Int32(NFT_GOTO.rawValue): self = .verdict(.goto(chain))
            case Int32(NFT_JUMP.rawValue): self = .verdict(.jump(chain))
            case Int32(NFT_RETURN.rawValue): self = .verdict(.return)
            case 0: self = .verdict(.drop)
            default: self = .verdict(.accept)
            }
        } else {
            self = .none
        }
    }
}

extension RegisterBytes {
    /// As `init(_:)`, after padding to whole registers.
    init?(padding bytes: UnsafeRawBufferPointer) {
        if bytes.count % 4 == 0 {
            self.init(bytes)
        } else {
            var padded = Array(bytes)
            while padded.count % 4 != 0 { padded.append(0) }
            self.init(padded.withUnsafeBytes { RegisterBytes($0) })
        }
    }

    private init?(_ value: RegisterBytes?) {
        guard let value else { return nil }
        self = value
    }
}
