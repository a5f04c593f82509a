import Foundation
import TestPrograms

/// A program that runs to its end.
enum Command {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
        var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Ended after `seconds` with status 124, as timeout(1) does.
    static func run(
        _ name: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        seconds: Int = 60
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["-k", "5", "\(seconds)", Program.path(name) ?? name] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "ETCDCTL_API": "3"].merging(environment) { $1 }
        let folder = TestFolder()
        let files = try ["in", "out", "err"].map { try folder.file($0, $0 == "in" ? input : "") }
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: files[0]))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: files[1]))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: files[2]))
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: files[1], encoding: .utf8),
            errors: try String(contentsOfFile: files[2], encoding: .utf8))
    }
}
