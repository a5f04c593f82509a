import Foundation
import Glibc

/// A release `apus apiserver` on the loopback, with a store of its own; ends with its owner.
final class ServerProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: URL
    let port: Int
    private let program: String
    private var process: Process?

    init(program: String) throws {
        self.program = program
        port = try Self.freePort()
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-bench-\(getpid())-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// One that nobody listens on just now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            throw Failure(description: "no free port on the loopback: \(String(cString: strerror(errno)))")
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Throws when it has ended, with what it said last.
    func checkRuns() throws {
        guard let process, !process.isRunning else { return }
        let log = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
        throw Failure(description: "apus apiserver ended: \(log.suffix(500))")
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    var kubeconfig: URL { folder.appending(path: "admin.kubeconfig") }

    func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = [
            "apiserver", "--data-dir", folder.appending(path: "data").path, "--bind-address", "127.0.0.1",
            "--secure-port", "\(port)", "--service-cluster-ip-range", "10.0.0.0/12", "--write-kubeconfig",
            kubeconfig.path,
        ]
        let log = folder.appending(path: "log")
        try Data().write(to: log)
        process.standardOutput = try FileHandle(forWritingTo: log)
        process.standardError = process.standardOutput
        try process.run()
        self.process = process
    }

    func stop() {
        guard let process else { return }
        process.terminate()
        process.waitUntilExit()
        self.process = nil
    }

    var pid: pid_t { process?.processIdentifier ?? 0 }

    /// MiB.
    var residentMemory: Double {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
    }

    /// Seconds of processor time so far.
    var processorTime: Double {
        let stat = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
