import Foundation
import Processes

/// Programs of this machine. They run without Foundation's Process, which reads beyond the end of what the system
/// lists of a process with many descriptors, and dies of it.
public enum Program {
    /// What a program left that ran to its end.
    public struct Result: Sendable {
        /// Its exit status, or 128 and the signal that ended it.
        public let status: Int32
        public let output: String
        public let errors: String

        public var isGood: Bool { status == 0 }
        public var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    /// nil when there is none of that name.
    public static func path(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/bin", "/usr/local/bin", "/usr/sbin"]).map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// An executable that was built with these tests; it lies beside theirs.
    public static func built(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: name).path
    }

    /// A start with the tests' environment, and `environment` beside it.
    public static func start(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], in folder: String? = nil
    ) -> ProgramStart {
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return ProgramStart(
            program.hasPrefix("/") ? program : path(program) ?? program, arguments,
            environment: all.map { "\($0.key)=\($0.value)" }, in: folder)
    }

    /// Runs a program to its end; kills it, with all that it has started, after `seconds`. Blocks: for tests on threads of
    /// their own.
    public static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        in folder: String? = nil, seconds: Double = 60
    ) throws -> Result {
        let finished = try FinishedProcess.run(
            start(program, arguments, environment: environment, in: folder), input: Array(input.utf8),
            limit: .seconds(seconds), outputLimit: 64 << 20)
        return Result(status: finished.end.status, output: finished.text, errors: finished.errorText)
    }

    /// What a program printed that must end with 0.
    @discardableResult
    public static func output(
        of program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        seconds: Double = 60
    ) throws -> String {
        let result = try run(program, arguments, input: input, environment: environment, seconds: seconds)
        guard result.isGood else {
            throw Failure(
                description:
                    "\(program) ended with \(result.status): \(result.errors.suffix(600))\(result.output.suffix(600))")
        }
        return result.output
    }
}
