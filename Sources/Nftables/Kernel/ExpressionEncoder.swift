import CNftnl
import Glibc
import NetTypes

/// Translates statements into nf_tables' register machine, as nft does it, so that nft lists them well.
///
/// Registers are counted in 32-bit words from 0. Keys begin at word 0, data at the word after the key.
struct ExpressionEncoder: ~Copyable {
    private let rule: OpaquePointer
    private let family: IPFamily

    /// Adds the expressions of `rule`'s statements, and its comment, to the libnftnl rule.
    static func encode(_ rule: Rule, into nftnl: borrowing NftnlRule, family: IPFamily) {
        let encoder = ExpressionEncoder(rule: nftnl.handle, family: family)
        for statement in rule.statements { encoder.add(statement) }
        guard let comment = rule.comment else { return }
        let data = NftnlUserData()
        data.put(0, text: comment)
        nftnl_rule_set_data(
            nftnl.handle, UInt16(NFTNL_RULE_USERDATA.rawValue), data.bytes.baseAddress, UInt32(data.bytes.count))
    }

    private func add(_ statement: Statement) {
        switch statement {
        case .matchAddress(let selector, let cidr, let isNot): match(selector, cidr, isNot)
        case .matchProtocol(let proto):
            load(.l4proto, 0)
            compare(0, bytes: [proto.rawValue])
        case .matchInputInterface(let name, let isPrefix, let isNot):
            load(.inputInterface, 0)
            let bytes = Array(name.utf8)
            compare(
                0, bytes: isPrefix ? bytes : bytes + Array(repeating: 0, count: max(0, 16 - bytes.count)), isNot: isNot)
        case .matchMark(let mask, let isSet):
            load(.mark, 0)
            matchBits(mask, isSet: isSet)
        case .connectionIsNew:
            conntrack(NFT_CT_STATE, 0)
            matchBits(8, isSet: true)
        case .connectionHasDNAT:
            conntrack(NFT_CT_STATUS, 0)
            matchBits(0x20, isSet: true)
        case .sourceIsLocal: addressIsLocal(NFTA_FIB_F_SADDR)
        case .destinationIsLocal: addressIsLocal(NFTA_FIB_F_DADDR)
        case .inSet(let key, let set, let isNot): lookup(key, set, data: nil, isNot: isNot)
        case .verdictMap(let key, let map): lookup(key, map, data: .verdict)
        case .dnat(let key, let map):
            lookup(key, map, data: .word(0))
            nat()
        case .redirect(let key, let map):
            lookup(key, map, data: .word(0))
            // Both ends and the flag are said: the kernel gives them back.
            add("redir") {
                set($0, NFTNL_EXPR_REDIR_REG_PROTO_MIN, register(0))
                set($0, NFTNL_EXPR_REDIR_REG_PROTO_MAX, register(0))
                set($0, NFTNL_EXPR_REDIR_FLAGS, UInt32(NF_NAT_RANGE_PROTO_SPECIFIED))
            }
        case .tproxy(let port):
            add("immediate") {
                set($0, NFTNL_EXPR_IMM_DREG, register(0))
                let bytes = [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
                nftnl_expr_set($0, UInt16(NFTNL_EXPR_IMM_DATA), bytes, UInt32(bytes.count))
            }
            add("tproxy") {
                set($0, NFTNL_EXPR_TPROXY_FAMILY, family == .ipv4 ? UInt32(NFPROTO_IPV4) : UInt32(NFPROTO_IPV6))
                set($0, NFTNL_EXPR_TPROXY_REG_PORT, register(0))
            }
        case .socketIsTransparent:
            add("socket") {
                set($0, NFTNL_EXPR_SOCKET_KEY, UInt32(NFT_SOCKET_TRANSPARENT.rawValue))
                set($0, NFTNL_EXPR_SOCKET_DREG, register(0))
            }
            compare(0, bytes: [1])
        case .remember(let map, let key, let data, let timeout): remember(map, key, data, timeout)
        case .setMarkBits(let bits): changeMark(mask: ~bits, xor: bits)
        case .flipMarkBits(let bits): changeMark(mask: .max, xor: bits)
        case .masquerade: add("masq") { set($0, NFTNL_EXPR_MASQ_FLAGS, UInt32(NF_NAT_RANGE_PROTO_RANDOM_FULLY)) }
        case .reject:
            add("reject") {
                set($0, NFTNL_EXPR_REJECT_TYPE, UInt32(NFT_REJECT_ICMP_UNREACH.rawValue))
                nftnl_expr_set_u8($0, UInt16(NFTNL_EXPR_REJECT_CODE), family == .ipv4 ? 3 : 4)
            }
        case .counter: add("counter") { _ in }
        case .verdict(let verdict):
            add("immediate") { expression in
                set(expression, NFTNL_EXPR_IMM_DREG, UInt32(NFT_REG_VERDICT.rawValue))
                set(expression, NFTNL_EXPR_IMM_VERDICT, UInt32(bitPattern: verdict.code))
                if let chain = verdict.chain {
                    nftnl_expr_set_str(expression, UInt16(NFTNL_EXPR_IMM_CHAIN), chain)
                }
            }
        }
    }

    // MARK: Loading

    /// Loads the concatenation from `word` on; returns the word after it.
    @discardableResult
    private func load(_ selectors: [Selector], at word: Int) -> Int {
        var word = word
        let end = word + selectors.reduce(0) { $0 + $1.words(family) }
        for selector in selectors {
            load(selector, word, scratch: end)
            word += selector.words(family)
        }
        return word
    }

    /// `scratch` is a free word for what is computed on the way.
    private func load(_ selector: Selector, _ word: Int, scratch: Int = 4) {
        switch selector {
        case .sourceAddress: payload(NFT_PAYLOAD_NETWORK_HEADER, family.sourceOffset, family.bytes, word)
        case .destinationAddress:
            payload(NFT_PAYLOAD_NETWORK_HEADER, family.sourceOffset + family.bytes, family.bytes, word)
        case .sourcePort: payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, word)
        case .destinationPort, .tcpDestinationPort: payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, word)
        case .l4proto: meta(NFT_META_L4PROTO, word)
        case .mark: meta(NFT_META_MARK, word)
        case .inputInterface: meta(NFT_META_IIFNAME, word)
        case .originalSourceAddress: conntrack(family == .ipv4 ? NFT_CT_SRC_IP : NFT_CT_SRC_IP6, word, isOriginal: true)
        case .originalDestinationAddress:
            conntrack(family == .ipv4 ? NFT_CT_DST_IP : NFT_CT_DST_IP6, word, isOriginal: true)
        case .originalDestinationPort: conntrack(NFT_CT_PROTO_DST, word, isOriginal: true)
        case .random(let modulus, let offset): numgen(NFT_NG_RANDOM, modulus, offset, word)
        case .increment(let modulus): numgen(NFT_NG_INCREMENTAL, modulus, 0, word)
        case .hash(let sources, let modulus, let seed): hash(sources, modulus, seed, word, scratch: scratch)
        }
    }

    private func payload(_ base: nft_payload_bases, _ offset: Int, _ length: Int, _ word: Int) {
        add("payload") {
            set($0, NFTNL_EXPR_PAYLOAD_DREG, register(word))
            set($0, NFTNL_EXPR_PAYLOAD_BASE, UInt32(base.rawValue))
            set($0, NFTNL_EXPR_PAYLOAD_OFFSET, UInt32(offset))
            set($0, NFTNL_EXPR_PAYLOAD_LEN, UInt32(length))
        }
    }

    private func meta(_ key: nft_meta_keys, _ word: Int) {
        add("meta") {
            set($0, NFTNL_EXPR_META_KEY, UInt32(key.rawValue))
            set($0, NFTNL_EXPR_META_DREG, register(word))
        }
    }

    private func conntrack(_ key: nft_ct_keys, _ word: Int, isOriginal: Bool = false) {
        add("ct") {
            set($0, NFTNL_EXPR_CT_KEY, UInt32(key.rawValue))
            set($0, NFTNL_EXPR_CT_DREG, register(word))
            if isOriginal { nftnl_expr_set_u8($0, UInt16(NFTNL_EXPR_CT_DIR), 0) }
        }
    }

    private func numgen(_ kind: nft_ng_types, _ modulus: UInt32, _ offset: UInt32, _ word: Int) {
        add("numgen") {
            set($0, NFTNL_EXPR_NG_DREG, register(word))
            set($0, NFTNL_EXPR_NG_MODULUS, modulus)
            set($0, NFTNL_EXPR_NG_TYPE, UInt32(kind.rawValue))
            set($0, NFTNL_EXPR_NG_OFFSET, offset)
        }
    }

    private func hash(_ sources: [Selector], _ modulus: UInt32, _ seed: UInt32, _ word: Int, scratch: Int) {
        // nft begins what is hashed at a whole 128-bit register.
        let start = (scratch + 3) / 4 * 4
        let end = load(sources, at: start)
        add("hash") {
            set($0, NFTNL_EXPR_HASH_SREG, register(start))
            set($0, NFTNL_EXPR_HASH_DREG, register(word))
            set($0, NFTNL_EXPR_HASH_LEN, UInt32((end - start) * 4))
            set($0, NFTNL_EXPR_HASH_MODULUS, modulus)
            set($0, NFTNL_EXPR_HASH_SEED, seed)
            set($0, NFTNL_EXPR_HASH_TYPE, UInt32(NFT_HASH_JENKINS.rawValue))
        }
    }

    // MARK: Matching

    private func match(_ selector: Selector, _ cidr: CIDR, _ isNot: Bool) {
        let bytes = cidr.address.networkBytes
        let length = Int(cidr.prefixLength)
        if length % 8 == 0, length > 0 {
            let offset = family.sourceOffset + (selector == .destinationAddress ? family.bytes : 0)
            payload(NFT_PAYLOAD_NETWORK_HEADER, offset, length / 8, 0)
            compare(0, bytes: Array(bytes.prefix(length / 8)), isNot: isNot)
        } else {
            load(selector, 0)
            bitwise(mask: cidr.mask.networkBytes, xor: Array(repeating: 0, count: bytes.count))
            compare(0, bytes: bytes, isNot: isNot)
        }
    }

    private func matchBits(_ mask: UInt32, isSet: Bool) {
        bitwise(mask: mask.bytes, xor: UInt32(0).bytes)
        compare(0, bytes: UInt32(0).bytes, isNot: isSet)
    }

    private func bitwise(mask: [UInt8], xor: [UInt8]) {
        add("bitwise") {
            set($0, NFTNL_EXPR_BITWISE_SREG, register(0))
            set($0, NFTNL_EXPR_BITWISE_DREG, register(0))
            set($0, NFTNL_EXPR_BITWISE_LEN, UInt32(mask.count))
            nftnl_expr_set($0, UInt16(NFTNL_EXPR_BITWISE_MASK), mask, UInt32(mask.count))
            nftnl_expr_set($0, UInt16(NFTNL_EXPR_BITWISE_XOR), xor, UInt32(xor.count))
        }
    }

    private func compare(_ word: Int, bytes: [UInt8], isNot: Bool = false) {
        add("cmp") {
            set($0, NFTNL_EXPR_CMP_SREG, register(word))
            set($0, NFTNL_EXPR_CMP_OP, UInt32((isNot ? NFT_CMP_NEQ : NFT_CMP_EQ).rawValue))
            nftnl_expr_set($0, UInt16(NFTNL_EXPR_CMP_DATA), bytes, UInt32(bytes.count))
        }
    }

    private func addressIsLocal(_ flag: nft_fib_flags) {
        add("fib") {
            set($0, NFTNL_EXPR_FIB_DREG, register(0))
            set($0, NFTNL_EXPR_FIB_RESULT, UInt32(NFT_FIB_RESULT_ADDRTYPE.rawValue))
            set($0, NFTNL_EXPR_FIB_FLAGS, UInt32(flag.rawValue))
        }
        compare(0, bytes: UInt32(RTN_LOCAL).bytes)
    }

    // MARK: Sets and actions

    private enum LookupData {
        case verdict
        case word(Int)
    }

    private func lookup(_ key: [Selector], _ set: String, data: LookupData?, isNot: Bool = false) {
        load(key, at: 0)
        add("lookup") {
            self.set($0, NFTNL_EXPR_LOOKUP_SREG, register(0))
            nftnl_expr_set_str($0, UInt16(NFTNL_EXPR_LOOKUP_SET), set)
            switch data {
            case .verdict: self.set($0, NFTNL_EXPR_LOOKUP_DREG, UInt32(NFT_REG_VERDICT.rawValue))
            case .word(let word): self.set($0, NFTNL_EXPR_LOOKUP_DREG, register(word))
            case nil: break
            }
            self.set($0, NFTNL_EXPR_LOOKUP_FLAGS, isNot ? UInt32(NFT_LOOKUP_F_INV.rawValue) : 0)
        }
    }

    /// DNAT to the address and port at word 0. Upper ends and flags are said although the kernel would assume them:
    /// it gives them back, and a rule read must equal the rule written.
    private func nat() {
        let port = register(family.bytes / 4)
        add("nat") {
            set($0, NFTNL_EXPR_NAT_TYPE, UInt32(NFT_NAT_DNAT.rawValue))
            set($0, NFTNL_EXPR_NAT_FAMILY, family == .ipv4 ? UInt32(NFPROTO_IPV4) : UInt32(NFPROTO_IPV6))
            set($0, NFTNL_EXPR_NAT_REG_ADDR_MIN, register(0))
            set($0, NFTNL_EXPR_NAT_REG_ADDR_MAX, register(0))
            set($0, NFTNL_EXPR_NAT_REG_PROTO_MIN, port)
            set($0, NFTNL_EXPR_NAT_REG_PROTO_MAX, port)
            set($0, NFTNL_EXPR_NAT_FLAGS, UInt32(NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED))
        }
    }

    private func remember(_ map: String, _ key: [Selector], _ data: [Selector], _ timeoutSeconds: UInt32) {
        let dataWord = load(key, at: 0)
        load(data, at: dataWord)
        add("dynset") {
            set($0, NFTNL_EXPR_DYNSET_SREG_KEY, register(0))
            set($0, NFTNL_EXPR_DYNSET_SREG_DATA, register(dataWord))
            set($0, NFTNL_EXPR_DYNSET_OP, UInt32(NFT_DYNSET_OP_UPDATE.rawValue))
            nftnl_expr_set_u64($0, UInt16(NFTNL_EXPR_DYNSET_TIMEOUT), UInt64(timeoutSeconds) * 1000)
            nftnl_expr_set_str($0, UInt16(NFTNL_EXPR_DYNSET_SET_NAME), map)
        }
    }

    private func changeMark(mask: UInt32, xor: UInt32) {
        load(.mark, 0)
        bitwise(mask: mask.bytes, xor: xor.bytes)
        add("meta") {
            set($0, NFTNL_EXPR_META_KEY, UInt32(NFT_META_MARK.rawValue))
            set($0, NFTNL_EXPR_META_SREG, register(0))
        }
    }

    // MARK: libnftnl

    private func add(_ name: String, _ body: (OpaquePointer) -> Void) {
        let expression = allocated(nftnl_expr_alloc(name))
        body(expression)
        nftnl_rule_add_expr(rule, expression)
    }

    /// libnftnl's anonymous enums arrive as `Int`.
    private func set(_ expression: OpaquePointer, _ attribute: Int, _ value: UInt32) {
        nftnl_expr_set_u32(expression, UInt16(attribute), value)
    }

    /// A word's register number: 128-bit registers where one begins there, as nft writes it.
    private func register(_ word: Int) -> UInt32 {
        word % 4 == 0 ? UInt32(NFT_REG_1.rawValue) + UInt32(word / 4) : UInt32(NFT_REG32_00.rawValue) + UInt32(word)
    }
}

extension Verdict {
    /// Negative codes of nf_tables, or NF_ACCEPT and NF_DROP.
    var code: Int32 {
        switch self {
        case .drop: 0
        case .accept: 1
        case .jump: Int32(NFT_JUMP.rawValue)
        case .goto: Int32(NFT_GOTO.rawValue)
        case .return: Int32(NFT_RETURN.rawValue)
        }
    }

    var chain: String? {
        switch self {
        case .jump(let chain), .goto(let chain): chain
        default: nil
        }
    }
}

extension Selector {
    /// Registers of 32 bits that the value takes.
    func words(_ family: IPFamily) -> Int {
        switch self {
        case .sourceAddress, .destinationAddress, .originalSourceAddress, .originalDestinationAddress: family.bytes / 4
        case .inputInterface: 4
        default: 1
        }
    }
}

extension IPFamily {
    /// Offset of the source address in the network header.
    var sourceOffset: Int { self == .ipv4 ? 12 : 8 }
}

extension UInt32 {
    /// In host order, as registers hold numbers.
    var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}
