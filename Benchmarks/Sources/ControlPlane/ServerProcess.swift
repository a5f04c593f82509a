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

    init(program: String, port: Int = 26443) throws {
        self.program = program
        self.port = port
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-bench-\(getpid())-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
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
