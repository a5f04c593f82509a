import CNftnl
import NetTypes

extension Selector {
    /// nft's number for the type of the value (enum datatypes of nft; kernels only store it).
    func datatype(_ family: IPFamily) -> UInt32 {
        switch self {
        case .sourceAddress, .destinationAddress, .originalSourceAddress, .originalDestinationAddress:
            family == .ipv4 ? 7 : 8
        case .l4proto: 12
        case .destinationPort, .sourcePort, .tcpDestinationPort, .originalDestinationPort: 13
        case .mark: 19
        case .inputInterface: 41
        case .random, .increment, .hash: 4
        }
    }

    /// Bytes that the value has, of the registers that hold it.
    func valueLength(_ family: IPFamily) -> Int {
        switch self {
        case .l4proto: 1
        case .sourcePort, .destinationPort, .tcpDestinationPort, .originalDestinationPort: 2
        default: words(family) * 4
        }
    }

    /// Writes the selector as nft's `typeof` user data: its expression type, and what tells it from its like.
    func putTypeof(_ data: borrowing NftnlUserData, _ family: IPFamily) {
        let network: UInt32 = family == .ipv4 ? Typeof.ipHeader : Typeof.ip6Header
        let source: UInt32 = family == .ipv4 ? 11 : 8
        let destination: UInt32 = family == .ipv4 ? 12 : 9
        switch self {
        case .sourceAddress, .originalSourceAddress: Typeof.put(data, Typeof.payload, [network, source])
        case .destinationAddress, .originalDestinationAddress: Typeof.put(data, Typeof.payload, [network, destination])
        case .sourcePort: Typeof.put(data, Typeof.payload, [Typeof.transportHeader, 1])
        case .destinationPort, .originalDestinationPort: Typeof.put(data, Typeof.payload, [Typeof.transportHeader, 2])
        case .tcpDestinationPort: Typeof.put(data, Typeof.payload, [Typeof.tcpHeader, 2])
        case .l4proto: Typeof.put(data, Typeof.meta, [UInt32(NFT_META_L4PROTO.rawValue)])
        case .mark: Typeof.put(data, Typeof.meta, [UInt32(NFT_META_MARK.rawValue)])
        case .inputInterface: Typeof.put(data, Typeof.meta, [UInt32(NFT_META_IIFNAME.rawValue)])
        case .random(let modulus, let offset):
            Typeof.put(data, Typeof.numgen, [UInt32(NFT_NG_RANDOM.rawValue), modulus, offset])
        case .increment(let modulus):
            Typeof.put(data, Typeof.numgen, [UInt32(NFT_NG_INCREMENTAL.rawValue), modulus, 0])
        case .hash: Typeof.put(data, Typeof.numgen, [UInt32(NFT_NG_RANDOM.rawValue), 2, 0])
        }
    }
}

/// nft's own numbers in user data (enum expr_types and enum proto_desc_id of nft 1.0): the kernel does not read them.
enum Typeof {
    static let verdict: UInt32 = 1
    static let payload: UInt32 = 7
    static let meta: UInt32 = 9
    static let concatenation: UInt32 = 13
    static let numgen: UInt32 = 23
    static let tcpHeader: UInt32 = 8
    static let transportHeader: UInt32 = 11
    static let ipHeader: UInt32 = 12
    static let ip6Header: UInt32 = 13

    static func put(_ data: borrowing NftnlUserData, _ expression: UInt32, _ values: [UInt32]) {
        data.put(0, expression)
        data.nest(1) {
            for (index, value) in values.enumerated() { data.put(UInt8(index), value) }
        }
    }

    /// One selector, or a concatenation of several.
    static func put(_ data: borrowing NftnlUserData, _ selectors: [Selector], _ family: IPFamily) {
        if selectors.count == 1 {
            selectors[0].putTypeof(data, family)
            return
        }
        data.put(0, concatenation)
        data.nest(1) {
            for (index, selector) in selectors.enumerated() {
                data.nest(UInt8(index)) { selector.putTypeof(data, family) }
            }
        }
    }
}

extension [Selector] {
    /// nft's type of the concatenation: six bits for each part.
    func datatype(_ family: IPFamily) -> UInt32 { reduce(0) { $0 << 6 | $1.datatype(family) } }

    /// Bytes in registers.
    func length(_ family: IPFamily) -> UInt32 { UInt32(reduce(0) { $0 + $1.words(family) }) * 4 }

    /// nft writes the exact length of a single value, and whole registers for a concatenation.
    func keyLength(_ family: IPFamily) -> UInt32 {
        count == 1 ? UInt32(self[0].valueLength(family)) : length(family)
    }

    /// nft's byte order of a single value (1 host, 2 network); 0 for concatenations.
    func byteOrder(_ family: IPFamily) -> UInt32 {
        guard count == 1 else { return 0 }
        return switch self[0] {
        case .mark, .inputInterface, .random, .increment, .hash: 1
        case .l4proto: 0
        default: 2
        }
    }
}

extension SetSpec {
    /// NFT_SET_* flags.
    var flags: UInt32 {
        var flags: UInt32 = 0
        if data != nil { flags |= UInt32(NFT_SET_MAP.rawValue) }
        if isDynamic { flags |= UInt32(NFT_SET_EVAL.rawValue | NFT_SET_TIMEOUT.rawValue) }
        if isInterval { flags |= UInt32(NFT_SET_INTERVAL.rawValue) }
        return flags
    }

    /// Fills in type, length, flags and user data.
    func describe(_ set: borrowing NftnlSet, _ family: IPFamily) {
        func put(_ attribute: some RawRepresentable<UInt32>, _ value: UInt32) {
            nftnl_set_set_u32(set.handle, UInt16(attribute.rawValue), value)
        }
        put(NFTNL_SET_FLAGS, flags)
        put(NFTNL_SET_KEY_TYPE, key.datatype(family))
        put(NFTNL_SET_KEY_LEN, key.keyLength(family))
        switch data {
        case .verdict:
            put(NFTNL_SET_DATA_TYPE, UInt32(NFT_DATA_VERDICT.rawValue))
            put(NFTNL_SET_DATA_LEN, 0)
        case .selectors(let selectors):
            put(NFTNL_SET_DATA_TYPE, selectors.datatype(family))
            put(NFTNL_SET_DATA_LEN, selectors.keyLength(family))
        case nil: break
        }
        let user = userData(family)
        nftnl_set_set_data(
            set.handle, UInt16(NFTNL_SET_USERDATA.rawValue), user.bytes.baseAddress, UInt32(user.bytes.count))
    }

    /// enum nftnl_udata_set_types.
    private func userData(_ family: IPFamily) -> NftnlUserData {
        let user = NftnlUserData()
        user.put(0, key.byteOrder(family))
        if case .selectors(let selectors) = data { user.put(1, selectors.byteOrder(family)) }
        if case .verdict = data { user.put(1, 0) }
        user.nest(3) { Typeof.put(user, key, family) }
        switch data {
        case .verdict:
            user.nest(4) {
                user.put(0, Typeof.verdict)
                user.nest(1) {}
            }
        case .selectors(let selectors): user.nest(4) { Typeof.put(user, selectors, family) }
        case nil: break
        }
        if data != nil { user.put(6, 0) }
        if let comment { user.put(7, text: comment) }
        return user
    }
}
