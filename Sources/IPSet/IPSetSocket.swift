import CIPSet
import Glibc
import NetTypes
import Netlink

/// The ipsets of the network namespace of the thread that opens it, by libipset. One thread at a time.
public struct IPSetSocket: ~Copyable {
    private var session: IPSetSession
    private var listing: IPSetListing

    public init() throws(NetlinkError) {
        let session = try IPSetSession()
        listing = try IPSetListing()
        self.session = session
    }

    // MARK: Sets

    /// Makes the set; a set that exists and is made the same way stays as it is.
    public mutating func create(_ spec: SetSpec) throws { try check(session.create(spec), "create", spec.name) }

    /// Fails with `isInUse` while a rule refers to it; a set that does not exist is no error.
    public mutating func destroy(_ set: String) throws {
        let code = try session.run(IPSET_CMD_DESTROY, on: set)
        // Newer kernels say nothing of it either.
        if code != ENOENT { try check(code, "destroy", set) }
    }

    /// Removes all entries.
    public mutating func flush(_ set: String) throws { try check(session.run(IPSET_CMD_FLUSH, on: set), "flush", set) }

    /// Exchanges the contents of two sets of one type, at once for every rule that refers to either.
    public mutating func swap(_ set: String, with other: String) throws {
        let code = try session.run(IPSET_CMD_SWAP, on: set) { $0.set(IPSET_OPT_SETNAME2, other) }
        try check(code, "swap", set)
    }

    public mutating func exists(_ set: String) throws -> Bool {
        let code = try session.run(IPSET_CMD_HEADER, on: set)
        if code != ENOENT { try check(code, "look for", set) }
        return code == 0
    }

    private func check(_ code: CInt, _ verb: String, _ set: String) throws {
        if code != 0 { throw IPSetError(verb, set, code: code) }
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
        if try session.change(command, entries, of: set) == 0 { return }
        // Only one by one shows which entry it was.
        for entry in entries {
            let code = try session.change(command, CollectionOfOne(entry), of: set)
            if code != 0 { throw IPSetError("\(verb) \(entry.key) \(preposition)", set, code: code) }
        }
    }

    // MARK: Reading

    /// A set with its entries; nil when there is none of that name, or its kind is none of `SetKind`.
    public mutating func contents(of set: String) throws -> SetContents? { try list(set, headersOnly: false) }

    /// The same without entries.
    public mutating func header(of set: String) throws -> SetContents? { try list(set, headersOnly: true) }

    private mutating func list(_ set: String, headersOnly: Bool) throws(NetlinkError) -> SetContents? {
        do throws(NetlinkError) {
            return try listing.sets(set, headersOnly: headersOnly).first
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// The headers of all sets of the kinds in `SetKind`.
    public mutating func sets() throws -> [SetContents] { try listing.sets(headersOnly: true) }
}
