import CNftnl
import Netlink
import NetTypes

/// Elements are encoded directly: libnftnl would allocate several objects for each.
extension BatchEncoder {
    /// A nested attribute's length has 16 bits; an element with a long comment and chain name stays below 1 KiB.
    private static let mostElementBytes = 64_000

    /// `isWhole`: with data and comment; otherwise the key alone.
    mutating func encode(_ elements: [SetElement], _ set: String, _ type: UInt32, _ flags: Int32, isWhole: Bool) {
        while position < elements.count {
            beginTableMessage(type, flags: flags)
            writer.attribute(UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
            writer.attribute(UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set)
            let list = writer.beginNested(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
            while position < elements.count, writer.count - list < Self.mostElementBytes {
                encode(elements[position], isWhole: isWhole)
                position += 1
            }
            writer.endNested(list)
            writer.endMessage()
        }
    }

    /// An interval is two elements: its first value, and the first value after it.
    private mutating func encode(_ element: SetElement, isWhole: Bool) {
        let start = writer.beginNested(UInt16(NFTA_LIST_ELEM.rawValue))
        encode(element.key, UInt16(NFTA_SET_ELEM_KEY.rawValue))
        if isWhole {
            switch element.data {
            case .none: break
            case .bytes(let bytes): encode(bytes, UInt16(NFTA_SET_ELEM_DATA.rawValue))
            case .verdict(let verdict): encode(verdict)
            }
            if let comment = element.comment { encode(comment: comment) }
        }
        writer.endNested(start)
        if let end = element.intervalEnd { encode(intervalEnd: end) }
    }

    private mutating func encode(intervalEnd end: RegisterBytes) {
        let start = writer.beginNested(UInt16(NFTA_LIST_ELEM.rawValue))
        encode(end, UInt16(NFTA_SET_ELEM_KEY.rawValue))
        writer.attribute(
            UInt16(NFTA_SET_ELEM_FLAGS.rawValue), UInt32(NFT_SET_ELEM_INTERVAL_END.rawValue).bigEndian)
        writer.endNested(start)
    }

    private mutating func encode(_ value: RegisterBytes, _ type: UInt16) {
        let start = writer.beginNested(type)
        value.withStoredBytes { writer.attribute(UInt16(NFTA_DATA_VALUE.rawValue), bytes: $0) }
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

    /// User data type 0: the text with its zero.
    private mutating func encode(comment: String) {
        let start = writer.beginAttribute(UInt16(NFTA_SET_ELEM_USERDATA.rawValue))
        writer.append(UInt8(0))
        writer.append(UInt8(clamping: comment.utf8.count + 1))
        writer.append(text: comment)
        writer.append(UInt8(0))
        writer.endNested(start)
    }
}

extension BatchEncoder {
    /// The operation that a reply refuses, narrowed to the rule or the element that it is about where the reply says
    /// so; nil when the whole batch is refused.
    func refused(_ reply: NetlinkReply, in transaction: Transaction) -> Operation? {
        guard let part = part(reply.sequence) else { return nil }
        let operation = transaction.operations[part.operation]
        switch operation {
        case .addRules(let chain, let rules): return .addRules(chain: chain, [rules[part.first]])
        case .addElements(let set, let elements):
            return element(reply, part, elements).map { .addElements(set: set, [$0]) } ?? operation
        case .deleteElements(let set, let elements):
            return element(reply, part, elements).map { .deleteElements(set: set, [$0]) } ?? operation
        default: return operation
        }
    }

    /// The element whose attribute contains the offset that the kernel complains of.
    private func element(_ reply: NetlinkReply, _ part: Part, _ elements: [SetElement]) -> SetElement? {
        guard let offset = reply.offset else { return nil }
        return writer.bytes.withUnsafeBytes { bytes -> SetElement? in
            var index = part.first
            var found: SetElement?
            NetlinkMessage.forEach(in: UnsafeRawBufferPointer(rebasing: bytes[part.start...])) { message in
                let list = message.attributes(after: 4).first(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
                for item in list?.nested ?? NetlinkAttributes(.init(start: nil, count: 0)) {
                    guard let start = item.value.baseAddress, let begin = message.bytes.baseAddress else { break }
                    let isEnd = item.nested.first(UInt16(NFTA_SET_ELEM_FLAGS.rawValue)) != nil
                    if isEnd { index -= 1 }
                    let place = (start - 4 - begin)..<(start - begin + item.value.count)
                    if place.contains(offset), elements.indices.contains(index) { found = elements[index] }
                    index += 1
                }
                return false
            }
            return found
        }
    }
}
