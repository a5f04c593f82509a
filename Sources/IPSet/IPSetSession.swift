import CIPSet
import Glibc
import Netlink
import Synchronization

/// libipset's session: one netlink socket, one command at a time, and a buffer for entries that travel together.
/// Owns `struct ipset_session`.
///
/// The library keeps the names of sets that were created through it in a list of the process, without a lock. Nothing
/// here reads that list, which mixes the sets of all namespaces, but commands that alter it take turns.
struct IPSetSession: ~Copyable {
    private let session: OpaquePointer

    private static let names = Mutex(())
    private static let types: Void = ipset_load_types()
    /// A set's name with its terminating zero, as the kernel has it.
    private static let longestName = Int(IPSET_MAXNAMELEN) - 1

    /// Opens the socket in the network namespace of the calling thread.
    init() throws(NetlinkError) {
        _ = Self.types
        guard let session = Self.names.withLock({ _ in apus_ipset_session() }) else {
            throw NetlinkError("open an ipset session", code: ENOMEM)
        }
        self.session = session
        // What exists stays as it is, what does not exist need not be deleted.
        ipset_envopt_set(session, IPSET_ENV_EXIST)
        // The library opens its socket with the first command; what that finds does not matter.
        _ = try? run(IPSET_CMD_HEADER, on: "-")
    }

    deinit { Self.names.withLock { _ in _ = ipset_session_fini(session) } }

    // MARK: Commands

    /// Runs a command on a set. Returns the kernel's code, 0 for success.
    mutating func run(
        _ command: ipset_cmd, on set: String, _ more: (borrowing IPSetData) -> Void = { _ in }
    ) throws(NetlinkError) -> CInt {
        guard let data = begin(set) else { return ENAMETOOLONG }
        more(data)
        return try finish(Self.names.withLock { _ in ipset_cmd(session, command, 0) }, command, set)
    }

    mutating func create(_ spec: SetSpec) throws(NetlinkError) -> CInt {
        guard let data = begin(spec.name) else { return ENAMETOOLONG }
        data.set(IPSET_OPT_TYPENAME, spec.kind.rawValue)
        if spec.kind != .bitmapPort { data.set(IPSET_OPT_FAMILY, spec.family.number) }
        let result = Self.names.withLock { _ in
            // Asks the kernel which revisions of the type it has, and takes the newest that the library has too.
            guard ipset_type_get(session, IPSET_CMD_CREATE) != nil else { return CInt(-1) }
            data.set(spec)
            return ipset_cmd(session, IPSET_CMD_CREATE, 0)
        }
        return try finish(result, IPSET_CMD_CREATE, spec.name)
    }

    /// Adds or deletes entries. Those that travel together have numbered lines: the library packs as many as fit into
    /// a message, which the kernel refuses at its first wrong entry. Returns 0 for success, and the kernel's code for an
    /// entry that travels alone.
    mutating func change(
        _ command: ipset_cmd, _ entries: some Collection<SetEntry>, of set: String
    ) throws(NetlinkError) -> CInt {
        guard !entries.isEmpty else { return 0 }
        let isAlone = entries.count == 1
        var result: CInt = 0
        var line: UInt32 = 0
        var kind: SetKind?
        var type: UnsafePointer<ipset_type>?
        for entry in entries {
            if entry.key.kind != kind {
                kind = entry.key.kind
                type = Self.type(entry.key.kind)
            }
            guard let type else { return CInt(IPSET_ERR_FIND_TYPE.rawValue) }
            guard let data = begin(set) else { return ENAMETOOLONG }
            ipset_data_set(data.data, IPSET_OPT_TYPE, type)
            data.set(entry)
            line &+= 1
            result = ipset_cmd(session, command, isAlone ? 0 : max(line, 1))
            if result < 0 { break }
        }
        if result >= 0 { result = ipset_commit(session) }
        if isAlone { return try finish(result, command, set) }
        clear()
        return result < 0 ? EPROTO : 0
    }

    /// nil for a name that the library would cut short.
    private func begin(_ set: String) -> IPSetData? {
        guard set.utf8.count <= Self.longestName, let data = ipset_session_data(session) else { return nil }
        let owned = IPSetData(data: data)
        ipset_data_reset(data)
        owned.set(IPSET_SETNAME, set)
        return owned
    }

    /// The newest revision that the library has: they differ in what sets may be created with.
    private static func type(_ kind: SetKind) -> UnsafePointer<ipset_type>? {
        var newest: UnsafePointer<ipset_type>?
        var next = ipset_types()
        while let type = next {
            if String(cString: type.pointee.name) == kind.rawValue,
                newest.map({ $0.pointee.revision < type.pointee.revision }) ?? true
            {
                newest = type
            }
            next = UnsafePointer(type.pointee.next)
        }
        return newest
    }

    // MARK: Errors

    private func finish(_ result: CInt, _ command: ipset_cmd, _ set: String) throws(NetlinkError) -> CInt {
        let failure = errno
        defer { clear() }
        if result >= 0 { return 0 }
        guard let words = report else {
            throw NetlinkError("change the ipset \(set)", code: failure == 0 ? EPROTO : failure)
        }
        if let code = code(of: words, command) { return code }
        throw NetlinkError("change the ipset \(set)", code: failure == 0 ? EPROTO : failure, detail: words)
    }

    private func clear() {
        ipset_session_report_reset(session)
        if let data = ipset_session_data(session) { ipset_data_reset(data) }
    }

    private var report: String? {
        guard ipset_session_report_type(session) != IPSET_NO_ERROR, let words = ipset_session_report_msg(session) else {
            return nil
        }
        return String(cString: words)
    }

    /// The library gives its reasons in words only; the code is the one that it has these words for.
    private func code(of words: String, _ command: ipset_cmd) -> CInt? {
        let own = CInt(IPSET_ERR_PROTOCOL.rawValue)...CInt(IPSET_ERR_BITMASK_NETMASK_EXCL.rawValue)
        let typed = CInt(IPSET_ERR_TYPE_SPECIFIC.rawValue)...CInt(IPSET_ERR_HASH_RANGE)
        return ([ENOENT, EEXIST] + own + typed + (1..<134)).first { code in
            ipset_session_report_reset(session)
            _ = ipset_errcode(session, command, code)
            return report == words
        }
    }
}
