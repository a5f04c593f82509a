import Foundation
import TestPrograms
import Glibc

/// A run of `apus etcd`; killed with its owner.
final class EtcdProcess {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The built `apus`, which lies beside the tests' own executable.
    static let program: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/apus"
    }()

    let folder: String
    private let process = Process()
    private let log: String
    private let logs = TestFolder()

    /// Starts it on a port that the system chooses, unless `arguments` say where to listen.
    init(folder: String, _ arguments: [String] = []) throws {
        self.folder = folder
        log = try logs.file("log", "")
        process.executableURL = URL(filePath: Self.program)
        let listens = arguments.contains { $0.hasPrefix("--listen-client-urls") }
        process.arguments =
            ["etcd", "--data-dir", folder] + (listens ? [] : ["--listen-client-urls", "http://127.0.0.1:0"]) + arguments
        process.standardInput = FileHandle.nullDevice
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
    var pid: pid_t { process.processIdentifier }

    /// The URLs it serves, once it does.
    func urls(count: Int = 1) throws -> [String] {
        for _ in 0..<3000 {
            let found = output.split(separator: "\n").compactMap { line -> String? in
                guard let words = line.range(of: "serving etcd's API on ") else { return nil }
                return String(line[words.upperBound...].prefix { $0 != "\"" && $0 != " " })
            }
            if found.count >= count { return found }
            guard process.isRunning else { throw Failure(description: "apus etcd ended: \(output)") }
            usleep(20_000)
        }
        throw Failure(description: "apus etcd does not serve: \(output)")
    }

    func port() throws -> Int {
        guard let port = try urls()[0].split(separator: ":").last.flatMap({ Int($0) }) else {
            throw Failure(description: "no port in \(output)")
        }
        return port
    }

    /// Without a chance to do anything.
    func crash() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end; its exit status.
    func terminate() -> Int32 {
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The exit status of a process that ends by itself.
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}
