import ContainerRuntime
import Glibc

/// A folder whose files change all at once (kubelet's pkg/volume/util/atomic_writer.go):
///
///     name     → ..data/name
///     ..data   → ..2026_11_21_… (replaced by rename)
///     ..2026_11_21_…/name
struct AtomicFolder {
    struct Entry: Hashable {
        /// Below the folder.
        var path: String
        var bytes: [UInt8]
        var mode: UInt32
    }

    let path: String
    let group: UInt32?

    /// Writes nothing when everything is there as it should be.
    func replace(_ entries: [Entry], owner: UInt32?) throws {
        let old = currentData
        if let old, holds(entries, old) { return }
        let fresh = "..\(String(UInt64.random(in: .min ... .max), radix: 36))"
        do {
            try write(entries, into: fresh, owner)
            try point(to: fresh)
        } catch {
            try? Files.removeTree("\(path)/\(fresh)")
            throw error
        }
        try link(entries)
        if let old { try Files.removeTree("\(path)/\(old)") }
    }

    private var currentData: String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink("\(path)/..data", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The same files with the same content, and no others.
    private func holds(_ entries: [Entry], _ data: String) -> Bool {
        let names = Set(Files.names(in: "\(path)/\(data)"))
        guard names == Set(entries.map(Self.top)) else { return false }
        return entries.allSatisfy { Files.bytes("\(path)/\(data)/\($0.path)") == $0.bytes }
    }

    private static func top(_ entry: Entry) -> String { String(entry.path.prefix { $0 != "/" }) }

    private func write(_ entries: [Entry], into name: String, _ owner: UInt32?) throws {
        let root = "\(path)/\(name)"
        try Files.makeFolder(root)
        guard chmod(root, 0o755) == 0 else { throw RuntimeFailure.last("change the mode of \(root)") }
        for entry in entries {
            let file = "\(root)/\(entry.path)"
            if let slash = file.lastIndex(of: "/") { try Files.makeFolder(String(file[..<slash])) }
            // The group reads what is its.
            let mode = group == nil ? entry.mode : entry.mode | 0o040
            try Files.write(file, entry.bytes, mode: mode_t(mode & 0o7777))
            guard owner != nil || group != nil else { continue }
            guard chown(file, owner ?? uid_t.max, group ?? gid_t.max) == 0 else {
                throw RuntimeFailure.last("change the owner of \(file)")
            }
        }
    }

    private func point(to name: String) throws {
        let next = "\(path)/..data_tmp"
        unlink(next)
        guard symlink(name, next) == 0, rename(next, "\(path)/..data") == 0 else {
            throw RuntimeFailure.last("replace \(path)/..data")
        }
    }

    /// What can be seen leads through ..data; what is no more goes.
    private func link(_ entries: [Entry]) throws {
        let names = Set(entries.map(Self.top))
        for name in names {
            let place = "\(path)/\(name)"
            if symlink("..data/\(name)", place) != 0, errno != EEXIST { throw RuntimeFailure.last("link \(place)") }
        }
        for name in Files.names(in: path) where !name.hasPrefix("..") && !names.contains(name) {
            unlink("\(path)/\(name)")
        }
    }
}
