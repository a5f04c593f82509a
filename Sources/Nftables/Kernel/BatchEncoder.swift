import CNftnl
import Netlink
import NetTypes

/// Encodes a transaction as one nfnetlink batch: begin, a message for each part of each operation, end.
struct BatchEncoder {
    private(set) var writer: NetlinkWriter
    /// Which operation a sequence number belongs to.
    private(set) var operations: [UInt32: Int] = [:]
    private(set) var lastSequence: UInt32 = 0

    private let table: TableID
    private var sequence: UInt32
    private var operation = 0
    /// Sets made in this batch, by the number the batch knows them by.
    private var setID: UInt32 = 0
    private var lastMessage = 0

    /// `firstSequence` is the number of the begin message; those after it follow.
    init(_ transaction: Transaction, firstSequence: UInt32) {
        table = transaction.table
        sequence = firstSequence
        writer = NetlinkWriter(capacity: 1 << 14)
        marker(UInt16(NFNL_MSG_BATCH_BEGIN))
        for (index, operation) in transaction.operations.enumerated() {
            self.operation = index
            encode(operation)
        }
        lastSequence = sequence &- 1
        requestAcknowledgement()
        marker(UInt16(NFNL_MSG_BATCH_END))
    }

    private mutating func encode(_ operation: Operation) {
        switch operation {
        case .addTable(let comment): addTable(comment)
        case .deleteTable: deleteTable(NFT_MSG_DELTABLE.rawValue)
        case .destroyTable: deleteTable(Self.destroyTableMessage)
        case .addSet(let spec): addSet(spec)
        case .deleteSet(let name): deleteSet(name)
        case .addChain(let chain): addChain(chain)
        case .deleteChain(let name): deleteChain(name)
        case .flushChain(let name): flushChain(name)
        case .addRules(let chain, let rules): for rule in rules { add(rule, to: chain) }
        case .addElements(let set, let elements):
            encode(elements, set, NFT_MSG_NEWSETELEM.rawValue, NLM_F_CREATE, withData: true)
        case .deleteElements(let set, let elements):
            encode(elements, set, NFT_MSG_DELSETELEM.rawValue, 0, withData: false)
        case .destroyElements(let set, let elements):
            encode(elements, set, Self.destroyElementMessage, 0, withData: false)
        }
    }

    /// NFT_MSG_DESTROYTABLE and NFT_MSG_DESTROYSETELEM came with Linux 6.3; Debian 12's headers are of 6.1.
    private static let destroyTableMessage: UInt32 = 26
    private static let destroyElementMessage: UInt32 = 30

    // MARK: Messages

    private mutating func marker(_ type: UInt16) {
        begin(type, flags: 0)
        writer.append(UInt8(AF_UNSPEC))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(NFNL_SUBSYS_NFTABLES).bigEndian)
        writer.endMessage()
    }

    private mutating func begin(_ type: UInt16, flags: Int32) {
        lastMessage = writer.count
        writer.beginMessage(type: type, flags: UInt16(NLM_F_REQUEST | flags), sequence: sequence)
        operations[sequence] = operation
        sequence &+= 1
    }

    private mutating func beginTableMessage(_ type: UInt32, flags: Int32) {
        begin(UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type), flags: flags)
        writer.append(UInt8(table.familyNumber))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
    }

    /// One acknowledgement, for the last message that changes something, says that all is done.
    private mutating func requestAcknowledgement() {
        writer.addFlag(UInt16(NLM_F_ACK), toMessageAt: lastMessage)
    }

    /// A message whose payload libnftnl builds.
    private mutating func message(_ type: UInt32, flags: Int32, _ build: (UnsafeMutablePointer<nlmsghdr>) -> Void) {
        let number = sequence
        let bytes = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer -> [UInt8] in
            // libnftnl leaves the padding after attributes as it finds it.
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            guard let start = buffer.baseAddress,
                let header = nftnl_nlmsg_build_hdr(
                    start.assumingMemoryBound(to: CChar.self), UInt16(type), UInt16(table.familyNumber), UInt16(flags),
                    number)
            else { return [] }
            build(header)
            return Array(buffer[..<Int(header.pointee.nlmsg_len)])
        }
        lastMessage = writer.count
        bytes.withUnsafeBytes { writer.append(message: $0) }
        operations[number] = operation
        sequence &+= 1
    }

    // MARK: Tables, chains, rules

    private mutating func addTable(_ comment: String) {
        let object = NftnlTable(table)
        let user = NftnlUserData()
        user.put(0, text: comment)
        nftnl_table_set_data(
            object.handle, UInt16(NFTNL_TABLE_USERDATA.rawValue), user.bytes.baseAddress, UInt32(user.bytes.count))
        let handle = object.handle
        message(NFT_MSG_NEWTABLE.rawValue, flags: NLM_F_CREATE) { nftnl_table_nlmsg_build_payload($0, handle) }
        _ = object
    }

    private mutating func deleteTable(_ type: UInt32) {
        beginTableMessage(type, flags: 0)
        writer.attribute(UInt16(NFTA_TABLE_NAME.rawValue), table.name)
        writer.endMessage()
    }

    private mutating func addChain(_ chain: Chain) {
        let object = NftnlChain(table, chain.name)
        if let hook = chain.hook {
            nftnl_chain_set_str(object.handle, UInt16(NFTNL_CHAIN_TYPE.rawValue), hook.kind.rawValue)
            nftnl_chain_set_u32(object.handle, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue), hook.point.number)
            nftnl_chain_set_s32(object.handle, UInt16(NFTNL_CHAIN_PRIO.rawValue), hook.priority)
        }
        let handle = object.handle
        message(NFT_MSG_NEWCHAIN.rawValue, flags: NLM_F_CREATE) { nftnl_chain_nlmsg_build_payload($0, handle) }
        _ = object
    }

    private mutating func deleteChain(_ name: String) {
        beginTableMessage(NFT_MSG_DELCHAIN.rawValue, flags: 0)
        writer.attribute(UInt16(NFTA_CHAIN_TABLE.rawValue), table.name)
        writer.attribute(UInt16(NFTA_CHAIN_NAME.rawValue), name)
        writer.endMessage()
    }

    private mutating func flushChain(_ name: String) {
        beginTableMessage(NFT_MSG_DELRULE.rawValue, flags: 0)
        writer.attribute(UInt16(NFTA_RULE_TABLE.rawValue), table.name)
        writer.attribute(UInt16(NFTA_RULE_CHAIN.rawValue), name)
        writer.endMessage()
    }

    private mutating func add(_ rule: Rule, to chain: String) {
        let object = NftnlRule(table, chain: chain)
        ExpressionEncoder.encode(rule, into: object, family: table.family)
        let handle = object.handle
        message(NFT_MSG_NEWRULE.rawValue, flags: NLM_F_CREATE | NLM_F_APPEND) {
            nftnl_rule_nlmsg_build_payload($0, handle)
        }
        _ = object
    }

    // MARK: Sets and elements

    private mutating func addSet(_ spec: SetSpec) {
        setID += 1
        let object = NftnlSet(table, spec.name)
        nftnl_set_set_u32(object.handle, UInt16(NFTNL_SET_ID.rawValue), setID)
        spec.describe(object, table.family)
        let handle = object.handle
        message(NFT_MSG_NEWSET.rawValue, flags: NLM_F_CREATE) { nftnl_set_nlmsg_build_payload($0, handle) }
        _ = object
    }

    private mutating func deleteSet(_ name: String) {
        beginTableMessage(NFT_MSG_DELSET.rawValue, flags: 0)
        writer.attribute(UInt16(NFTA_SET_TABLE.rawValue), table.name)
        writer.attribute(UInt16(NFTA_SET_NAME.rawValue), name)
        writer.endMessage()
    }

    /// A nested attribute's length has 16 bits; an element with a long comment and chain name stays below 1 KiB.
    private static let mostElementBytes = 64_000

    /// Elements are encoded directly: libnftnl would allocate several objects for each.
    private mutating func encode(
        _ elements: [SetElement], _ set: String, _ type: UInt32, _ flags: Int32, withData: Bool
    ) {
        var rest = elements[...]
        while !rest.isEmpty {
            beginTableMessage(type, flags: flags)
            writer.attribute(UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
            writer.attribute(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set)
            let list = writer.beginNested(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
            while let element = rest.first, writer.count - list < Self.mostElementBytes {
                encode(element, withData: withData)
                rest.removeFirst()
            }
            writer.endNested(list)
            writer.endMessage()
        }
    }

    private mutating func encode(_ element: SetElement, withData: Bool) {
        let start = writer.beginNested(UInt16(NFTA_LIST_ELEM.rawValue))
        encode(element.key, UInt16(NFTA_SET_ELEM_KEY.rawValue))
        if withData {
            switch element.data {
            case .none: break
            case .bytes(let bytes): encode(bytes, UInt16(NFTA_SET_ELEM_DATA.rawValue))
            case .verdict(let verdict): encode(verdict)
            }
            if let comment = element.comment { encode(comment: comment) }
        }
        writer.endNested(start)
    }

    private mutating func encode(_ value: RegisterBytes, _ type: UInt16) {
        let start = writer.beginNested(type)
        value.withBytes { writer.attribute(UInt16(NFTA_DATA_VALUE.rawValue), bytes: $0) }
        writer.endNested(start)
    }

    private mutating func encode(_ verdict: Verdict) {
        let data = writer.beginNested(UInt16(NFTA_SET_ELEM_DATA.rawValue))
        let start = writer.beginNested(UInt16(NFTA_DATA_VERDICT.rawValue))
        writer.attribute(UInt16(NFTA_VERDICT_CODE.rawValue), verdict.code.bigEndian)
        if let chain = verdict.chain { writer.attribute(UInt16(NFTA_VERDICT_CHAIN.rawValue), chain) }
        writer.endNested(start)
        writer.endNested(data)
    }

    /// User data type 0: a comment, with its zero.
    private mutating func encode(comment: String) {
        let text = Array(comment.utf8.prefix(120)) + [0]
        ([0, UInt8(text.count)] + text).withUnsafeBytes {
            writer.attribute(UInt16(NFTA_SET_ELEM_USERDATA.rawValue), bytes: $0)
        }
    }
}

extension Chain.Hook.Point {
    /// enum nf_inet_hooks.
    var number: UInt32 {
        switch self {
        case .prerouting: 0
        case .input: 1
        case .forward: 2
        case .output: 3
        case .postrouting: 4
        }
    }
}
