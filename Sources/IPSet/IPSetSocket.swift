import CIPSet
import CLinux
import Glibc
import NetTypes
import Netlink

/// The ipsets of the network namespace of the thread that opens it. One thread at a time.
///
/// Speaks nfnetlink itself. libipset keeps its lists of sets and types in globals of the process, so that two
/// namespaces or threads see each other's sets, and it packs entries into shared messages only while it reads a file.
public struct IPSetSocket: ~Copyable {
    private var socket: NetlinkSocket
    /// The newest revision of each set type that the kernel has.
    private var revisions: [SetKind: UInt8] = [:]

    public init() throws(NetlinkError) { socket = try NetlinkSocket(.netfilter) }

    // MARK: Sets

    /// Makes the set; a set that exists and is made the same way stays as it is.
    public mutating func create(_ spec: SetSpec) throws {
        let revision = try revision(of: spec)
        var message = IPSetMessage()
        message.create(spec, revision: revision, socket.nextSequence())
        try perform(message, "create", spec.name)
    }

    /// Fails with `isInUse` while a rule refers to it; a set that does not exist is no error.
    public mutating func destroy(_ set: String) throws {
        do {
            try command(IPSET_CMD_DESTROY, "destroy", set)
        } catch let error as IPSetError where error.isNotFound {
            // Newer kernels say nothing of it either.
        }
    }

    /// Removes all entries.
    public mutating func flush(_ set: String) throws { try command(IPSET_CMD_FLUSH, "flush", set) }

    /// Exchanges the contents of two sets of one type, at once for every rule that refers to either.
    public mutating func swap(_ set: String, with other: String) throws {
        try command(IPSET_CMD_SWAP, "swap", set) {
            // The second set's name has the number that elsewhere is a type's.
            $0.attribute(UInt16(IPSET_ATTR_TYPENAME), other)
        }
    }

    public mutating func exists(_ set: String) throws -> Bool {
        do {
            try command(IPSET_CMD_HEADER, "look for", set)
            return true
        } catch let error as IPSetError where error.isNotFound {
            return false
        }
    }

    // MARK: Entries

    /// Adds entries; those that are there stay, and take the new timeout and comment.
    public mutating func add(_ entries: some Collection<SetEntry>, to set: String) throws {
        try change(IPSET_CMD_ADD, entries, "add", "to", set)
    }

    /// Deletes entries; those that are not there are passed over.
    public mutating func delete(_ entries: some Collection<SetEntry>, from set: String) throws {
        try change(IPSET_CMD_DEL, entries, "delete", "from", set)
    }

    private mutating func change(
        _ command: ipset_cmd, _ entries: some Collection<SetEntry>, _ verb: String, _ preposition: String,
        _ set: String
    ) throws {
        var rest = ArraySlice(entries)
        while !rest.isEmpty {
            var message = IPSetMessage()
            let left = message.change(command, rest, of: set, socket.nextSequence())
            let sent = rest[..<left.startIndex]
            let code = try exchange(message, "\(verb) entries \(preposition) the ipset \(set)")
            if code != 0 {
                guard sent.count > 1, code != ENOENT else {
                    throw IPSetError("\(verb) \(sent.first.map { "\($0.key)" } ?? "") \(preposition)", set, code: code)
                }
                // Only one by one shows which entry it was.
                for entry in sent { try change(command, CollectionOfOne(entry), verb, preposition, set) }
            }
            rest = left
        }
    }

    // MARK: Reading

    /// A set with its entries; nil when there is none of that name, or its kind is none of `SetKind`.
    public mutating func contents(of set: String) throws -> SetContents? {
        do {
            return try list(set, headersOnly: false).first
        } catch let error as NetlinkError where error.code == ENOENT {
            return nil
        }
    }

    /// The headers of all sets of the kinds in `SetKind`.
    public mutating func sets() throws -> [SetContents] { try list(nil, headersOnly: true) }

    private mutating func list(_ set: String?, headersOnly: Bool) throws -> [SetContents] {
        // Sets come and go meanwhile.
        for _ in 0..<8 {
            if let found = try listOnce(set, headersOnly) { return found }
        }
        throw NetlinkError("list ipsets", code: EINTR)
    }

    /// nil when the listing was interrupted by a change.
    private mutating func listOnce(_ set: String?, _ headersOnly: Bool) throws(NetlinkError) -> [SetContents]? {
        var message = IPSetMessage()
        let sequence = socket.nextSequence()
        message.begin(IPSET_CMD_LIST, NLM_F_DUMP, sequence, set: set)
        if headersOnly {
            message.writer.attribute(
                UInt16(IPSET_ATTR_FLAGS) | UInt16(NLA_F_NET_BYTEORDER),
                UInt32(IPSET_FLAG_LIST_HEADER.rawValue).bigEndian)
        }
        message.end()
        var found: [SetContents] = []
        let operation = set.map { "list the ipset \($0)" } ?? "list ipsets"
        do throws(NetlinkError) {
            try socket.dump(message.writer.bytes, sequence: sequence, operation: operation) {
                Self.take($0, into: &found)
            }
        } catch {
            if error.code == EINTR { return nil }
            throw error
        }
        return found
    }

    /// A large set comes in several messages, of which the first has the header.
    private static func take(_ message: NetlinkMessage, into found: inout [SetContents]) {
        guard message.type == IPSetMessage.type(IPSET_CMD_LIST) else { return }
        let attributes = message.attributes(after: IPSetMessage.familyHeaderLength)
        if let header = SetContents(attributes) { found.append(header) }
        guard let last = found.indices.last,
            attributes.first(UInt16(IPSET_ATTR_SETNAME))?.string == found[last].spec.name,
            let list = attributes.first(UInt16(IPSET_ATTR_ADT))
        else { return }
        let kind = found[last].spec.kind
        found[last].entries += list.nested.compactMap { SetEntry(kind, $0.nested) }
    }

    // MARK: Requests

    /// What the kernel supports of a type; the newest revision takes all that `SetSpec` can say.
    private mutating func revision(of spec: SetSpec) throws -> UInt8 {
        if let known = revisions[spec.kind] { return known }
        var message = IPSetMessage()
        message.begin(IPSET_CMD_TYPE, NLM_F_ACK, socket.nextSequence())
        message.writer.attribute(UInt16(IPSET_ATTR_TYPENAME), spec.kind.rawValue)
        message.writer.attribute(UInt16(IPSET_ATTR_FAMILY), spec.familyNumber)
        message.end()
        var revision: UInt8?
        let operation = "ask for the set type \(spec.kind.rawValue)"
        let replies = try socket.exchange(message.writer.bytes, operation: operation) {
            revision =
                $0.attributes(after: IPSetMessage.familyHeaderLength).first(UInt16(IPSET_ATTR_REVISION))?.uint8
                ?? revision
        }
        guard let revision else {
            let code = replies.first { $0.code != 0 }?.code ?? EPROTO
            throw IPSetError("create", spec.name, code: code)
        }
        revisions[spec.kind] = revision
        return revision
    }

    private mutating func command(
        _ command: ipset_cmd, _ verb: String, _ set: String, _ more: (inout NetlinkWriter) -> Void = { _ in }
    ) throws {
        var message = IPSetMessage()
        message.begin(command, NLM_F_ACK, socket.nextSequence(), set: set)
        more(&message.writer)
        message.end()
        try perform(message, verb, set)
    }

    private mutating func perform(_ message: IPSetMessage, _ verb: String, _ set: String) throws {
        let code = try exchange(message, "\(verb) the ipset \(set)")
        if code != 0 { throw IPSetError(verb, set, code: code) }
    }

    /// Returns the kernel's code, 0 for success.
    private mutating func exchange(_ message: IPSetMessage, _ operation: String) throws(NetlinkError) -> CInt {
        guard let reply = try socket.exchange(message.writer.bytes, operation: operation).last else {
            throw NetlinkError(operation, code: EPROTO, detail: "the kernel did not answer")
        }
        return reply.code
    }
}
