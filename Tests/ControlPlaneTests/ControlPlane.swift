import Foundation
import Glibc
import TestPrograms
import Testing

/// An `apus apiserver` of its own, with an empty store; ends with its owner.
final class ControlPlane {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: URL
    let port: UInt16
    /// The kubectl that is used.
    var client = "kubectl"
    private var process: LoggedProcess
    private let arguments: [String]

    /// Of its store and keys.
    let data: URL
    var kubeconfig: String { folder.appending(path: "admin.kubeconfig").path }

    /// The executable that was built with these tests.
    static let program = Program.built("apus")

    /// `data`: the folder of its store and keys; its own unless another's is given.
    init(_ more: [String] = [], data: URL? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-plane-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.data = data ?? folder.appending(path: "data")
        port = try FreePort.take()
        arguments =
            [
                "apiserver", "--data-dir", self.data.path, "--bind-address", "127.0.0.1",
                "--secure-port", "\(port)", "--write-kubeconfig", folder.appending(path: "admin.kubeconfig").path,
            ] + more
        process = try Self.run(arguments, in: folder)
        try waitUntilReady()
    }

    deinit {
        process.crash()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts it and waits until it is ready.
    func start() throws {
        process = try Self.run(arguments, in: folder)
        try waitUntilReady()
    }

    private static func run(_ arguments: [String], in folder: URL) throws -> LoggedProcess {
        try LoggedProcess(Program.start(program, arguments), log: folder.appending(path: "log").path)
    }

    private func waitUntilReady() throws {
        let deadline = ContinuousClock.now + .seconds(60)
        let kubectl = try kubectl()
        while ContinuousClock.now < deadline {
            guard process.isRunning else { throw Failure(description: "apus apiserver ended:\n\(output)") }
            if FileManager.default.fileExists(atPath: kubeconfig),
                try kubectl.run(["get", "--raw", "/readyz"], seconds: 10).output == "ok"
            {
                return
            }
            usleep(20_000)
        }
        throw Failure(description: "apus apiserver is not ready after a minute:\n\(output)")
    }

    /// As a machine does that loses power.
    func crash() { process.crash() }

    /// Its exit status after SIGTERM.
    func stop() -> Int32 { process.terminate() }

    var output: String { process.output }

    /// kubectl with the administrator's kubeconfig.
    func kubectl() throws -> Tool {
        guard var tool = Tool(client) else { throw Failure(description: "there is no \(client)") }
        tool.environment = [
            "KUBECONFIG": kubeconfig, "KUBECACHEDIR": folder.appending(path: "cache").path, "HOME": folder.path,
        ]
        return tool
    }

    /// The output of a kubectl command that must succeed.
    @discardableResult
    func kube(_ command: String, input: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws -> String
    {
        let result = try kubectl().run(Self.words(command), input: input)
        #expect(
            result.isGood, "kubectl \(command): \(result.errors)\(result.output)", sourceLocation: sourceLocation)
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// What kubectl says of a command that must fail.
    func refusal(_ command: String, input: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
        -> String
    {
        let result = try kubectl().run(Self.words(command), input: input)
        #expect(!result.isGood, "kubectl \(command) should fail: \(result.output)", sourceLocation: sourceLocation)
        return result.errors.trimmingCharacters(in: .newlines)
    }

    /// Splits at spaces, but not within single quotes.
    static func words(_ command: String) -> [String] {
        var words: [String] = []
        for (index, part) in command.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 {
                if command.contains("='\(part)'"), let last = words.popLast() {
                    words.append(last + part)
                } else {
                    words.append(String(part))
                }
            } else {
                words += part.split(separator: " ").map(String.init)
            }
        }
        return words
    }
}
