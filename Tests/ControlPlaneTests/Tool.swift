import Foundation
import Glibc
import TestPrograms

/// Runs of programs that no one here wrote.
struct Tool {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String

        var isGood: Bool { status == 0 }
    }

    let path: String
    var environment: [String: String] = [:]
    /// Where it runs; where the tests do unless it is given.
    var folder: URL?

    /// By name, or by its whole path; nil when the machine does not have it.
    init?(_ name: String) {
        if name.hasPrefix("/") {
            guard access(name, X_OK) == 0 else { return nil }
            path = name
            return
        }
        guard let found = Program.path(name) else { return nil }
        path = found
    }

    /// Blocks until it ends; it is killed after `seconds`. Only for tests on threads of their own.
    func run(_ arguments: [String], input: String = "", seconds: Double = 60) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "apus-tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        if let working = self.folder { process.currentDirectoryURL = working }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        func file(_ name: String, _ text: String = "") throws -> FileHandle {
            let url = folder.appending(path: name)
            try Data(text.utf8).write(to: url)
            return try FileHandle(forUpdating: url)
        }
        process.standardInput = try file("input", input)
        process.standardOutput = try file("output")
        process.standardError = try file("errors")
        try process.run()
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            if ContinuousClock.now > deadline { kill(process.processIdentifier, SIGKILL) }
            usleep(2000)
        }
        func text(_ name: String) -> String {
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
        }
        return Result(status: process.terminationStatus, output: text("output"), errors: text("errors"))
    }
}
