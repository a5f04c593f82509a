import Foundation
import Glibc
import Lab
import Namespaces

/// Ends what is left of a cluster, or of one of its nodes: containers, processes, mounts, cgroups. It reads the kernel and no
/// records, so it works after a crash too.
public struct Teardown: Sendable {
    let layout: ClusterLayout

    public init(_ layout: ClusterLayout) { self.layout = layout }

    /// What a node runs, as if its power were cut; its disk stays.
    public func endNode(_ number: Int) {
        endProcesses(namespaces: [layout.nodeNamespace(number)], cgroup: layout.cgroup(ofNode: number))
        unmount(below: [layout.nodeFolder(number), layout.runDirectory(ofNode: number)])
        removeCgroups(layout.cgroup(ofNode: number))
        try? FileManager.default.removeItem(atPath: layout.runDirectory(ofNode: number))
    }

    /// Everything but the data directory; says what it removed.
    public func endAll() throws -> [String] {
        var removed: [String] = []
        if let keeper = layout.keeper {
            try keeper.end(patience: .seconds(20))
            removed.append("processes")
        }
        let namespaces = try ClusterWiring(layout).namespaces()
        let count = endProcesses(namespaces: namespaces, cgroup: layout.cgroup)
        if count > 0 { removed.append("\(count) processes of pods") }
        let mounts = unmount(below: [layout.dataDirectory, layout.runDirectory])
        if mounts > 0 { removed.append("\(mounts) mounts") }
        removeCgroups(layout.cgroup)
        for namespace in namespaces {
            try NamedNamespace.delete(namespace)
            removed.append("namespace \(namespace)")
        }
        try? FileManager.default.removeItem(atPath: layout.runDirectory)
        return removed
    }

    // MARK: - Processes

    /// Kills until none is left, since those that live may start others.
    @discardableResult
    private func endProcesses(namespaces: [String], cgroup: String) -> Int {
        let inodes = Set(namespaces.compactMap(ClusterLayout.inode))
        var killed: Set<pid_t> = []
        for _ in 0..<100 {
            let found = Self.processes(namespaces: inodes).union(Self.processes(cgroup: cgroup))
            if found.isEmpty { break }
            for pid in found { kill(pid, SIGKILL) }
            killed.formUnion(found)
            usleep(20_000)
        }
        return killed.count
    }

    private static func processes(namespaces: Set<UInt64>) -> Set<pid_t> {
        Set(
            names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
                var status = stat()
                return stat("/proc/\(pid)/ns/net", &status) == 0 && namespaces.contains(UInt64(status.st_ino))
                    && pid != getpid()
            })
    }

    private static func processes(cgroup: String) -> Set<pid_t> {
        Set(
            groups(cgroup).flatMap { path in
                KernelFile.text(path + "/cgroup.procs").split(separator: "\n").compactMap { pid_t($0) }
            })
    }

    // MARK: - Mounts and cgroups

    /// Until none is left: one may lie on another.
    @discardableResult
    private func unmount(below folders: [String]) -> Int {
        var count = 0
        for _ in 0..<50 {
            let mounts = Self.mountPoints().filter { point in folders.contains { point.hasPrefix($0 + "/") } }
            if mounts.isEmpty { break }
            // The last mounted first.
            count += mounts.reversed().count { umount2($0, CInt(MNT_DETACH)) == 0 }
        }
        return count
    }

    /// What is mounted in the data directory now: what is below such a point may be another's.
    public func mountsInDataDirectory() -> [String] {
        Self.mountPoints().filter { $0.hasPrefix(layout.dataDirectory + "/") }
    }

    /// In the order of mounting.
    private static func mountPoints() -> [String] {
        KernelFile.text("/proc/self/mountinfo").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 ? plain(fields[4]) : nil
        }
    }

    /// /proc/self/mountinfo writes a space as `\040`, and so tab, newline and backslash.
    static func plain(_ field: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func removeCgroups(_ cgroup: String) {
        for path in Self.groups(cgroup) { rmdir(path) }
    }

    /// The folders of a cgroup in every hierarchy, the deepest first.
    private static func groups(_ cgroup: String) -> [String] {
        let root = "/sys/fs/cgroup"
        let tops = [root] + names(in: root).map { "\(root)/\($0)" }
        return tops.map { $0 + cgroup }.filter { access($0, F_OK) == 0 }.flatMap(below)
    }

    private static func below(_ path: String) -> [String] {
        let children = names(in: path).map { "\(path)/\($0)" }.filter { isFolder($0) }
        return children.flatMap(below) + [path]
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func names(in path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }
}
