import CNftnl

/// Owners of libnftnl's objects, one for each handle type. Allocation fails only when memory does.
struct NftnlTable: ~Copyable {
    let handle: OpaquePointer

    init(_ id: TableID) {
        handle = allocated(nftnl_table_alloc())
        nftnl_table_set_str(handle, UInt16(NFTNL_TABLE_NAME.rawValue), id.name)
        nftnl_table_set_u32(handle, UInt16(NFTNL_TABLE_FAMILY.rawValue), id.familyNumber)
    }

    deinit { nftnl_table_free(handle) }
}

struct NftnlChain: ~Copyable {
    let handle: OpaquePointer

    init(_ id: TableID, _ name: String) {
        handle = allocated(nftnl_chain_alloc())
        nftnl_chain_set_str(handle, UInt16(NFTNL_CHAIN_TABLE.rawValue), id.name)
        nftnl_chain_set_str(handle, UInt16(NFTNL_CHAIN_NAME.rawValue), name)
    }

    /// An empty one, for parsing into.
    init() { handle = allocated(nftnl_chain_alloc()) }

    deinit { nftnl_chain_free(handle) }
}

struct NftnlRule: ~Copyable {
    let handle: OpaquePointer

    init(_ id: TableID, chain: String) {
        handle = allocated(nftnl_rule_alloc())
        nftnl_rule_set_str(handle, UInt16(NFTNL_RULE_TABLE.rawValue), id.name)
        nftnl_rule_set_str(handle, UInt16(NFTNL_RULE_CHAIN.rawValue), chain)
        nftnl_rule_set_u32(handle, UInt16(NFTNL_RULE_FAMILY.rawValue), id.familyNumber)
    }

    /// An empty one, for parsing into.
    init() { handle = allocated(nftnl_rule_alloc()) }

    deinit { nftnl_rule_free(handle) }

    /// The expressions as libnftnl prints them, a line each: equal for rules that do the same.
    var fingerprint: String {
        let text = printed { nftnl_rule_snprintf($0, $1, handle, UInt32(NFTNL_OUTPUT_DEFAULT.rawValue), 0) }
        // The other lines name the table, the chain, the handle, and the comment.
        return text.split(separator: "\n").filter { $0.hasPrefix("  [") }
            .map { $0.hasPrefix("  [ counter") ? "  [ counter ]" : $0 }.joined(separator: "\n")
    }
}

struct NftnlSet: ~Copyable {
    let handle: OpaquePointer

    init(_ id: TableID, _ name: String) {
        handle = allocated(nftnl_set_alloc())
        nftnl_set_set_str(handle, UInt16(NFTNL_SET_TABLE.rawValue), id.name)
        nftnl_set_set_str(handle, UInt16(NFTNL_SET_NAME.rawValue), name)
        nftnl_set_set_u32(handle, UInt16(NFTNL_SET_FAMILY.rawValue), id.familyNumber)
    }

    /// An empty one, for parsing into.
    init() { handle = allocated(nftnl_set_alloc()) }

    deinit { nftnl_set_free(handle) }
}

/// User data: a run of (type, length, value) with one-byte types and lengths, at most 256 bytes.
struct NftnlUserData: ~Copyable {
    let handle: OpaquePointer

    init() { handle = allocated(nftnl_udata_buf_alloc(256)) }

    deinit { nftnl_udata_buf_free(handle) }

    /// Left out where there is no room for it.
    func put(_ type: UInt8, text: String) { nftnl_udata_put_strz(handle, type, text) }

    func put(_ type: UInt8, _ value: UInt32) { nftnl_udata_put_u32(handle, type, value) }

    func nest(_ type: UInt8, _ body: () -> Void) {
        let start = nftnl_udata_nest_start(handle, type)
        body()
        nftnl_udata_nest_end(handle, start)
    }

    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nftnl_udata_buf_data(handle), count: Int(nftnl_udata_buf_len(handle)))
    }
}

func allocated(_ handle: OpaquePointer?) -> OpaquePointer {
    guard let handle else { preconditionFailure("out of memory") }
    return handle
}

/// Text from a snprintf-like function, whatever its length.
func printed(_ print: (UnsafeMutablePointer<CChar>, Int) -> CInt) -> String {
    var capacity = 1024
    while true {
        let (text, needed) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) {
            buffer -> (String, Int) in
            guard let start = buffer.baseAddress else { return ("", 0) }
            start.initialize(repeating: 0, count: capacity)
            let needed = Int(print(start, capacity))
            return (String(cString: start), needed)
        }
        if needed < capacity { return text }
        capacity = needed + 1
    }
}

extension TableID {
    /// NFPROTO_IPV4 or NFPROTO_IPV6.
    var familyNumber: UInt32 { family == .ipv4 ? UInt32(NFPROTO_IPV4) : UInt32(NFPROTO_IPV6) }
}
