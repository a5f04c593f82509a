import Glibc
import KubeAPI
import NetTypes

/// The addresses of one network on this node: a file per address that is held or rests, named as the address. A lock keeps
/// processes apart, and each file is replaced in one step, so a crash at any point leaves no address without an owner.
///
/// The directory belongs below /run: when the machine starts again no pod has its address any more.
struct AddressLeases: ~Copyable {
    private let directory: String
    private let lock: CInt
    private let now: Int64
    private let coolDown: Int64

    /// Waits for the lock, which goes with the value.
    /// - Parameters:
    ///   - now: seconds since the machine started.
    ///   - coolDown: seconds that an address rests after it was given back.
    init(directory: String, now: Int64, coolDown: Int64) throws(PodNetworkError) {
        var prefix = ""
        for part in directory.split(separator: "/") {
            prefix += "/\(part)"
            if mkdir(prefix, 0o700) != 0, errno != EEXIST { throw .last("create \(prefix)") }
        }
        let path = directory + "/.lock"
        let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .last("open \(path)") }
        while flock(lock, LOCK_EX) != 0 {
            if errno == EINTR { continue }
            let failure = PodNetworkError.last("lock \(path)")
            close(lock)
            throw failure
        }
        self.directory = directory
        self.lock = lock
        self.now = now
        self.coolDown = coolDown
    }

    deinit { close(lock) }

    // MARK: Verbs

    /// One address of each range, in their order; the same again for whoever has them already. Either all or none.
    func acquire(container: String, interface: String, ranges: [CIDR]) throws(PodNetworkError) -> [IPAddress] {
        var leases = all()
        var taken: [IPAddress] = []
        var fresh: [IPAddress] = []
        for range in ranges {
            let held = leases.first { address, lease in
                range.contains(address) && lease.container == container && lease.interface == interface
                    && lease.released == nil
            }
            if let held {
                taken.append(held.key)
                continue
            }
            do throws(PodNetworkError) {
                let address = try choose(range, leases)
                let lease = AddressPool.Lease(container: container, interface: interface)
                try write(lease, address)
                leases[address] = lease
                taken.append(address)
                fresh.append(address)
            } catch {
                // Never used: they need no rest.
                for address in fresh { unlink(path(address)) }
                throw error
            }
        }
        return taken
    }

    private func choose(
        _ range: CIDR, _ leases: [IPAddress: AddressPool.Lease]
    ) throws(PodNetworkError) -> IPAddress {
        let note = "\(directory)/.last-\(range.family == .ipv4 ? 4 : 6)"
        let last = SmallText.read(note).flatMap { IPAddress($0) }
        switch AddressPool.choose(range, leases: leases, last: last, now: now, coolDown: coolDown) {
        case .address(let address):
            try SmallText.replace(note, "\(address)")
            return address
        case .exhausted(let held, let coolingDown):
            throw PodNetworkError(
                "no address of \(range) is free: pods hold \(held), and \(coolingDown) were given back less than "
                    + "\(coolDown) seconds ago")
        }
    }

    /// The addresses begin their rest. Those of nobody are no error.
    func release(container: String, interface: String) throws(PodNetworkError) {
        try release { $0.container == container && $0.interface == interface }
    }

    /// Gives back the addresses of everybody but those; who lost theirs.
    func release(allBut valid: Set<[String]>) throws(PodNetworkError) -> [AddressPool.Lease] {
        let gone = all().values.filter { $0.released == nil && !valid.contains([$0.container, $0.interface]) }
        try release { !valid.contains([$0.container, $0.interface]) }
        return gone
    }

    private func release(_ isTheirs: (AddressPool.Lease) -> Bool) throws(PodNetworkError) {
        for (address, lease) in all() {
            if lease.released == nil, isTheirs(lease) {
                var rested = lease
                rested.released = now
                try write(rested, address)
            } else if lease.released != nil, AddressPool.isFree(lease, now: now, coolDown: coolDown) {
                unlink(path(address))
            }
        }
    }

    func addresses(container: String, interface: String) -> [IPAddress] {
        all().filter { $0.value.container == container && $0.value.interface == interface && $0.value.released == nil }
            .map(\.key).sorted()
    }

    /// Throws when a range has no address to give.
    func checkRoom(_ ranges: [CIDR]) throws(PodNetworkError) {
        let leases = all()
        for range in ranges {
            guard
                case .exhausted(let held, let coolingDown) = AddressPool.choose(
                    range, leases: leases, last: nil, now: now, coolDown: coolDown)
            else { continue }
            throw PodNetworkError("no address of \(range) is free: pods hold \(held), and \(coolingDown) rest")
        }
    }

    // MARK: Files

    private func path(_ address: IPAddress) -> String { "\(directory)/\(address)" }

    private func write(_ lease: AddressPool.Lease, _ address: IPAddress) throws(PodNetworkError) {
        var value: JSONValue = ["container": .string(lease.container), "interface": .string(lease.interface)]
        if let released = lease.released { value[path: "released"] = .integer(released) }
        try SmallText.replace(path(address), JSONWriter.text(value))
    }

    /// A file that cannot be read counts as held by nobody known: its address is not given away, and garbage collection
    /// frees it.
    private func all() -> [IPAddress: AddressPool.Lease] {
        guard let stream = opendir(directory) else { return [:] }
        defer { closedir(stream) }
        var leases: [IPAddress: AddressPool.Lease] = [:]
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let address = IPAddress(String(decoding: bytes, as: UTF8.self)) else { continue }
            let value = SmallText.read(path(address)).flatMap { try? JSONParser.parse($0) }
            leases[address] = AddressPool.Lease(
                container: value?["container"]?.string ?? "", interface: value?["interface"]?.string ?? "",
                released: value?["released"]?.integer)
        }
        return leases
    }
}

/// Files of a line.
enum SmallText {
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// In one step; one writer at a time.
    static func replace(_ path: String, _ text: String) throws(PodNetworkError) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let temporary = path[..<slash] + "/.new"
        let file = open(String(temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last("write \(temporary)") }
        let bytes = Array(text.utf8)
        let count = write(file, bytes, bytes.count)
        let failure = PodNetworkError.last("write \(path)")
        close(file)
        guard count == bytes.count else { throw failure }
        guard rename(String(temporary), path) == 0 else { throw .last("write \(path)") }
    }
}
