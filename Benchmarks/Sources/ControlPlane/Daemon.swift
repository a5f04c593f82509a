import Foundation
import Glibc
import Processes

/// A process of the release executable; ends with its owner.
final class Daemon {
    private let name: String
    private let process: RunningProcess
    private let log: URL

    init(program: String, _ arguments: [String], log: URL) throws {
        self.log = log
        name = arguments.first ?? ""
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        try Data().write(to: log)
        process = try RunningProcess(ProgramStart(program, arguments, environment: environment), log: log.path)
    }

    /// Throws when it has ended, with what it said last.
    func checkRuns() throws {
        guard !process.isRunning else { return }
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw ServerProcess.Failure(description: "apus \(name) ended: \(text.suffix(500))")
    }

    func stop() { process.terminate() }

    /// As a machine ends that loses power.
    func crash() { process.kill() }

    private func file(_ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(process.id)/\(name)", encoding: .utf8)) ?? ""
    }

    /// MiB.
    var residentMemory: Double {
        let line = file("status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
    }

    /// Seconds of processor time so far.
    var processorTime: Double {
        let fields = file("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
