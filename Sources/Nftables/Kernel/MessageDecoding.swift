import CNftnl
import Netlink
import NetTypes

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
    /// NFTA_SET_COUNT of linux/netfilter/nf_tables.h, which Debian 12's header does not have yet.
    private static let countAttribute: UInt16 = 20

    init?(_ message: NetlinkMessage) {
        let attributes = message.attributes(after: 4)
        guard let name = attributes.first(UInt16(NFTA_SET_NAME.rawValue))?.string else { return nil }
        func number(_ attribute: nft_set_attributes) -> UInt32 {
            attributes.first(UInt16(attribute.rawValue))?.big32 ?? 0
        }
        self.init(
            name: name, keyType: number(NFTA_SET_KEY_TYPE), dataType: number(NFTA_SET_DATA_TYPE),
            keyLength: number(NFTA_SET_KEY_LEN), dataLength: number(NFTA_SET_DATA_LEN),
            flags: number(NFTA_SET_FLAGS), count: attributes.first(Self.countAttribute)?.big32)
    }
}

extension NetlinkAttributes {
    /// A set element's key.
    var key: RegisterBytes? {
        first(UInt16(NFTA_SET_ELEM_KEY.rawValue))?.nested.first(UInt16(NFTA_DATA_VALUE.rawValue))
            .flatMap { RegisterBytes(value: $0.value) }
    }

    /// True for a set element that only says where the interval before it ends.
    var isIntervalEnd: Bool {
        let flags = first(UInt16(NFTA_SET_ELEM_FLAGS.rawValue))?.big32 ?? 0
        return flags & UInt32(NFT_SET_ELEM_INTERVAL_END.rawValue) != 0
    }
}

/// Puts intervals together: the kernel lists their elements from the highest to the lowest, ends before beginnings.
struct IntervalReader {
    private var end: RegisterBytes?

    /// The element, or nil where more of it is to come.
    mutating func element(_ attributes: NetlinkAttributes) -> SetElement? {
        if attributes.isIntervalEnd {
            end = attributes.key
            return nil
        }
        defer { end = nil }
        return SetElement(attributes, intervalEnd: end)
    }
}

extension SetElement {
    /// nil for elements that are not of a kind Apus writes, and for the ends of intervals.
    init?(_ attributes: NetlinkAttributes, intervalEnd: RegisterBytes? = nil) {
        guard !attributes.isIntervalEnd, let key = attributes.key else { return nil }
        var data = Data.none
        var comment: String?
        for attribute in attributes {
            switch attribute.type {
            case UInt16(NFTA_SET_ELEM_DATA.rawValue): data = Data(attribute.nested)
            case UInt16(NFTA_SET_ELEM_USERDATA.rawValue): comment = attribute.comment
            default: break
            }
        }
        self.init(key: key, intervalEnd: intervalEnd, data: data, comment: comment)
    }
}

extension SetElement.Data {
    init(_ attributes: NetlinkAttributes) {
        if let value = attributes.first(UInt16(NFTA_DATA_VALUE.rawValue)),
            let bytes = RegisterBytes(value: value.value)
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
