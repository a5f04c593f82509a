import Foundation
import Glibc
import TestPrograms

/// What a node has on this machine: mounts below its folder, its pods' cgroups and processes.
struct NodeRemains: Sendable {
    let folder: String
    /// Of all its pods, such as `/kubepods`.
    let cgroup: String

    /// A node of the name, with an empty folder and no cgroup yet.
    init(_ name: String) throws {
        let unique = "\(name)-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        folder = "/tmp/\(unique)"
        cgroup = "/\(unique)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    var mounts: [String] { MountTable.points(below: folder) }

    /// Pods' cgroups.
    var podCgroups: [String] {
        cgroupFolders.flatMap { root in
            ["", "/burstable", "/besteffort"].flatMap { level in
                names("\(root)\(level)").filter { $0.hasPrefix("pod") }
            }
        }
    }

    /// What is in some of its folders.
    func files(in parts: [String]) -> [String] {
        parts.flatMap { part in names("\(folder)/\(part)").map { "\(part)/\($0)" } }
    }

    /// Ends its processes and removes everything.
    func clear() {
        for place in cgroupFolders { Self.clear(place) }
        usleep(50_000)
        for path in mounts.reversed() { umount2(path, CInt(MNT_DETACH)) }
        for place in cgroupFolders { Self.clear(place) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func names(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    var cgroupFolders: [String] {
        let root = "/sys/fs/cgroup"
        return ([root + cgroup] + names(root).map { "\(root)/\($0)\(cgroup)" }).filter { access($0, F_OK) == 0 }
    }

    private static func clear(_ path: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder), isFolder.boolValue {
                clear("\(path)/\(name)")
            }
        }
        let text = (try? String(contentsOfFile: "\(path)/cgroup.procs", encoding: .utf8)) ?? ""
        for pid in text.split(separator: "\n").compactMap({ pid_t($0) }) where pid > 1 { kill(pid, SIGKILL) }
        rmdir(path)
    }
}

struct TimedOut: Error, CustomStringConvertible {
    let description: String

    /// Returns when `isDone`; fails with what `explain` says otherwise.
    static func wait(
        seconds: Double = 60, _ isDone: () async throws -> Bool, orSay explain: () async -> String
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !(try await isDone()) {
            guard ContinuousClock.now < deadline else { throw TimedOut(description: await explain()) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
