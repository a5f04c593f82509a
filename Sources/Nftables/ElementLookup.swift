import CNftnl
import Glibc
import Netlink
import NetTypes

extension NftablesSession {
    /// The elements of a set that have one of these keys; keys that it does not hold are passed over. Costs as much as
    /// there are keys, where listing a hash set costs the square of what it holds: the kernel begins the walk anew for
    /// each message of a dump. `body` is called again from the beginning, after `restart`, when a table changed meanwhile.
    public mutating func forEachElement(
        of set: String, in table: TableID, keys: some Sequence<RegisterBytes>, restart: () -> Void,
        _ body: (SetElement) -> Void
    ) throws(NftablesError) {
        try consistently("look up elements of \(set)") { session throws(NetlinkError) in
            restart()
            var question = ElementQuestion(table, set)
            for key in keys {
                question.append(key, sequence: session.socket.nextSequence())
                if question.count == ElementQuestion.most { try session.ask(&question, body) }
            }
            try session.ask(&question, body)
        }
    }

    private mutating func ask(
        _ question: inout ElementQuestion, _ body: (SetElement) -> Void
    ) throws(NetlinkError) {
        let operation = "look up elements of \(question.set)"
        defer { question.removeAll() }
        let refusals = try socket.exchange(question.writer.bytes, operation: operation) { message in
            let list = message.attributes(after: 4).first(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
            for item in list?.nested ?? NetlinkAttributes(.init(start: nil, count: 0)) {
                if let element = SetElement(item.nested) { body(element) }
            }
        }
        if let refusal = refusals.first(where: { $0.code != ENOENT }) {
            throw NetlinkError(operation, code: refusal.code, detail: refusal.detail)
        }
    }
}

/// Asks for elements by their keys, a message for each: one that is missing stops no other.
private struct ElementQuestion {
    /// The answers to this many fit into the socket's receive buffer, whatever the kernel counts for each.
    static let most = 512

    let table: TableID
    let set: String
    private(set) var count = 0
    private(set) var writer = NetlinkWriter()

    init(_ table: TableID, _ set: String) {
        self.table = table
        self.set = set
    }

    mutating func append(_ key: RegisterBytes, sequence: UInt32) {
        writer.beginMessage(
            type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_GETSETELEM.rawValue),
            flags: UInt16(NLM_F_REQUEST), sequence: sequence)
        writer.append(UInt8(table.familyNumber))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
        writer.attribute(UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
        writer.attribute(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set)
        let list = writer.beginNested(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
        let element = writer.beginNested(UInt16(NFTA_LIST_ELEM.rawValue))
        let data = writer.beginNested(UInt16(NFTA_SET_ELEM_KEY.rawValue))
        key.withStoredBytes { writer.attribute(UInt16(NFTA_DATA_VALUE.rawValue), bytes: $0) }
        writer.endNested(data)
        writer.endNested(element)
        writer.endNested(list)
        writer.endMessage()
        count += 1
    }

    mutating func removeAll() {
        writer.removeAll()
        count = 0
    }
}
