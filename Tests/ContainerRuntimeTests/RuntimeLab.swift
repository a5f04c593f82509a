import CLinux
import ContainerRuntime
import Foundation
import Glibc
import RuntimeSpec
import Testing
import TestPrograms

/// A runtime in a folder of its own, with an image of Debian's busybox. Mounts are seen by the calling thread alone.
final class RuntimeLab {
    let folder: String
    let cgroup: String
    let runtime: RuncRuntime
    private let options: RuncRuntime.Options

    /// Moves the calling thread into a mount namespace of its own: only for tests with threads of their own.
    init() throws {
        let newMountNamespace: Int32 = 0x20000
        try #require(apus_unshare(newMountNamespace) == 0)
        try #require(mount("", "/", "", UInt(MS_REC | MS_PRIVATE), nil) == 0)
        let name = "apusrt-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        folder = "/tmp/\(name)"
        cgroup = "/\(name)"
        var options = RuncRuntime.Options()
        options.dataFolder = "\(folder)/data"
        options.runFolder = "\(folder)/run"
        options.monitor = Self.monitor
        self.options = options
        try Self.makeImage("\(folder)/image")
        runtime = try RuncRuntime(options)
    }

    deinit {
        for path in mounts { umount2(path, CInt(MNT_DETACH)) }
        for place in cgroupFolders { Self.removeCgroup(place) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static let monitor: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: "apus-monitor").path
    }()

    private static func makeImage(_ root: String) throws {
        let files = FileManager.default
        for path in ["bin", "tmp", "etc", "proc", "sys", "dev"] {
            try files.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "/bin/busybox", toPath: "\(root)/bin/busybox")
        for tool in ["sh", "sleep", "cat", "echo", "stty", "hostname", "kill", "seq", "dd", "tail", "ls", "id", "ps"] {
            try files.createSymbolicLink(atPath: "\(root)/bin/\(tool)", withDestinationPath: "busybox")
        }
    }

    /// As an agent does that is started again.
    func secondRuntime() throws -> RuncRuntime { try RuncRuntime(options) }

    /// Starts `sh -c script`.
    func start(
        _ script: String, id: String? = nil, logLimit: Int64 = 10 << 20, hasStdin: Bool = false,
        _ change: (inout ContainerPlan) -> Void = { _ in }
    ) async throws -> ContainerRecord {
        let id = id ?? "c\(UInt32.random(in: .min ... .max))"
        var plan = ContainerPlan(
            arguments: ["sh", "-c", script], environment: ["PATH=/bin"], cgroup: "\(cgroup)/pod/\(id)")
        change(&plan)
        var request = ContainerRequest(
            id: id, plan: plan, layers: ["\(folder)/image"], logPath: "\(folder)/\(id).log", labels: ["name": id])
        request.logLimit = logLimit
        request.hasStdin = hasStdin
        return try await runtime.startContainer(request)
    }

    /// The log's lines without their times: `stdout F text`.
    func log(_ record: ContainerRecord) throws -> [String] {
        try String(contentsOfFile: record.logPath, encoding: .utf8).split(separator: "\n").map {
            String($0.drop { $0 != " " }.dropFirst())
        }
    }

    /// Mounts below the folder.
    var mounts: [String] { MountTable.points(below: folder) }

    /// Where there are cgroups of the lab.
    var cgroupFolders: [String] {
        let root = "/sys/fs/cgroup"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return ([root + cgroup] + names.map { "\(root)/\($0)\(cgroup)" }).filter { access($0, F_OK) == 0 }
    }

    private static func removeCgroup(_ path: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder), isFolder.boolValue {
                removeCgroup("\(path)/\(name)")
            }
        }
        rmdir(path)
    }
}

/// Everything up to the end of a session.
func output(of session: ContainerSession) async throws -> (text: String, errors: String, code: Int32?) {
    var (text, errors, code) = ([UInt8](), [UInt8](), Int32?.none)
    while let piece = try await session.receive() {
        switch piece {
        case .stdout(let bytes): text += bytes
        case .stderr(let bytes): errors += bytes
        case .exit(let status): code = status
        }
    }
    return (String(decoding: text, as: UTF8.self), String(decoding: errors, as: UTF8.self), code)
}
