import Foundation
import TestPrograms
import Glibc

/// A run of `apus etcd`; killed with its owner.
final class EtcdProcess {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let folder: String
    private let process: LoggedProcess
    private let logs = TestFolder()

    /// Starts it on a port that the system chooses, unless `arguments` say where to listen.
    init(folder: String, _ arguments: [String] = []) throws {
        self.folder = folder
        let listens = arguments.contains { $0.hasPrefix("--listen-client-urls") }
        let address = listens ? [] : ["--listen-client-urls", "http://127.0.0.1:0"]
        process = try LoggedProcess(
            Program.start(Program.built("apus"), ["etcd", "--data-dir", folder] + address + arguments),
            log: "\(logs.path)/log")
    }

    var output: String { process.output }
    var pid: pid_t { process.pid }

    /// The URLs it serves, once it does.
    func urls(count: Int = 1) throws -> [String] {
        for _ in 0..<3000 {
            let found = said("serving etcd's API on ")
            if found.count >= count { return found }
            guard process.isRunning else { throw Failure(description: "apus etcd ended: \(output)") }
            usleep(20_000)
        }
        throw Failure(description: "apus etcd does not serve: \(output)")
    }

    /// What stands after these words in its log, wherever they do.
    func said(_ words: String) -> [String] {
        output.split(separator: "\n").compactMap { line in
            line.range(of: words).map { String(line[$0.upperBound...].prefix { $0 != "\"" && $0 != " " }) }
        }
    }

    func port() throws -> Int {
        guard let port = try urls()[0].split(separator: ":").last.flatMap({ Int($0) }) else {
            throw Failure(description: "no port in \(output)")
        }
        return port
    }

    /// Without a chance to do anything.
    func crash() { process.crash() }

    /// Asks it to end; its exit status.
    func terminate() -> Int32 { process.terminate() }

    /// The exit status of a process that ends by itself.
    func wait() -> Int32 { process.wait() }
}
