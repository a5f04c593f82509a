import CNftnl
import Netlink
import NetTypes

/// Encodes a transaction as one nfnetlink batch: begin, a message for each part of each operation, end.
struct BatchEncoder {
    var writer: NetlinkWriter
    /// What each message between begin and end does; sequence numbers count them from `firstSequence` + 1.
    private(set) var parts: [Part] = []
    /// Of the last message that changes something.
    private(set) var lastSequence: UInt32 = 0

    /// A message's place in the transaction and in the bytes.
    struct Part {
        /// Index of the operation.
        let operation: Int
        /// Index of the first of the operation's rules or elements that the message carries.
        let first: Int
        /// Offset of the message.
        let start: Int
    }

    let table: TableID
    private let firstSequence: UInt32
    private var sequence: UInt32
    private var operation = 0
    /// Index of the rule or element within the operation that comes next.
    var position = 0
    private var setID: UInt32 = 0
    private var lastMessage = 0
    /// Where libnftnl builds a message; all zero between messages, because it leaves padding as it is.
    private var scratch: [UInt8] = []

    /// `firstSequence` is the number of the begin message; those after it follow. Without its end a batch is tried
    /// and taken back.
    init(_ transaction: Transaction, firstSequence: UInt32, isRehearsal: Bool = false) {
        table = transaction.table
        self.firstSequence = firstSequence
        sequence = firstSequence
        writer = NetlinkWriter(capacity: 1 << 14)
        marker(UInt16(NFNL_MSG_BATCH_BEGIN))
        for (index, operation) in transaction.operations.enumerated() {
            self.operation = index
            position = 0
            encode(operation)
        }
        lastSequence = sequence &- 1
        if !parts.isEmpty { requestAcknowledgement() }
        if !isRehearsal { marker(UInt16(NFNL_MSG_BATCH_END)) }
    }

    /// nil for the numbers of begin and end, and of other batches.
    func part(_ sequence: UInt32) -> Part? {
        let index = Int(sequence &- firstSequence) - 1
        return parts.indices.contains(index) ? parts[index] : nil
    }

    private mutating func encode(_ operation: Operation) {
        switch operation {
        case .addTable(let comment): addTable(comment)
        case .deleteTable: deleteTable()
        case .addSet(let spec): addSet(spec)
        case .deleteSet(let name): deleteSet(name)
        case .addChain(let chain): addChain(chain)
        case .deleteChain(let name): deleteChain(name)
        case .flushChain(let name): flushChain(name)
        case .addRules(let chain, let rules):
            for rule in rules {
                add(rule, to: chain)
                position += 1
            }
        case .addElements(let set, let elements):
            encode(elements, set, NFT_MSG_NEWSETELEM.rawValue, NLM_F_CREATE, isWhole: true)
        case .deleteElements(let set, let elements):
            encode(elements, set, NFT_MSG_DELSETELEM.rawValue, 0, isWhole: false)
        }
    }

    // MARK: Messages

    private mutating func marker(_ type: UInt16) {
        writer.beginMessage(type: type, flags: UInt16(NLM_F_REQUEST), sequence: sequence)
        sequence &+= 1
        writer.append(UInt8(AF_UNSPEC))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(NFNL_SUBSYS_NFTABLES).bigEndian)
        writer.endMessage()
    }

    /// Notes where the message that comes next begins, and gives it its number.
    private mutating func beginPart() -> UInt32 {
        lastMessage = writer.count
        parts.append(Part(operation: operation, first: position, start: writer.count))
        defer { sequence &+= 1 }
        return sequence
    }

    mutating func beginTableMessage(_ type: UInt32, flags: Int32) {
        writer.beginMessage(
            type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type), flags: UInt16(NLM_F_REQUEST | flags),
            sequence: beginPart())
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
        let number = beginPart()
        if scratch.isEmpty { scratch = Array(repeating: 0, count: 1 << 16) }
        scratch.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress,
                let header = nftnl_nlmsg_build_hdr(
                    start.assumingMemoryBound(to: CChar.self), UInt16(type), UInt16(table.familyNumber), UInt16(flags),
                    number)
            else { return }
            build(header)
            let message = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(header.pointee.nlmsg_len)])
            writer.append(message: UnsafeRawBufferPointer(message))
            message.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    // MARK: Tables, chains, rules

    private mutating func addTable(_ comment: String) {
        let object = NftnlTable(table)
        let user = NftnlUserData()
        user.put(0, text: comment.asComment)
        nftnl_table_set_data(
            object.handle, UInt16(NFTNL_TABLE_USERDATA.rawValue), user.bytes.baseAddress, UInt32(user.bytes.count))
        let handle = object.handle
        message(NFT_MSG_NEWTABLE.rawValue, flags: NLM_F_CREATE) { nftnl_table_nlmsg_build_payload($0, handle) }
        _ = object
    }

    private mutating func deleteTable() {
        beginTableMessage(NFT_MSG_DELTABLE.rawValue, flags: 0)
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

    // MARK: Sets

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
