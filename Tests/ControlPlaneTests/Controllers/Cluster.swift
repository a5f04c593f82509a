import Foundation
import Glibc
import Testing

/// An API server with a controller manager and simulated nodes, each a process of its own.
final class Cluster {
    let plane: ControlPlane
    private var processes: [String: Process] = [:]

    /// - Parameters:
    ///   - nodes: how many simulated ones; the first is sim-0.
    ///   - manager: more flags of the controller manager.
    init(nodes: Int = 2, manager: [String] = [], agent: [String] = []) throws {
        plane = try ControlPlane()
        try start("manager", ["controller-manager", "--port", "0", "--leader-elect=false"] + manager)
        if nodes > 0 { try start("agent", ["agent", "--simulate", "\(nodes)"] + agent) }
    }

    deinit {
        for process in processes.values {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// Starts a program of the cluster, again if it was ended.
    func start(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: ControlPlane.program)
        process.arguments = arguments + ["--kubeconfig", plane.kubeconfig]
        let log = plane.folder.appending(path: "\(name).log")
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let handle = try FileHandle(forUpdating: log)
        try handle.seekToEnd()
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        processes[name] = process
    }

    /// As a machine does that loses power.
    func crash(_ name: String) {
        guard let process = processes.removeValue(forKey: name) else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func log(_ name: String) -> String {
        (try? String(contentsOf: plane.folder.appending(path: "\(name).log"), encoding: .utf8)) ?? ""
    }

    @discardableResult
    func kube(_ command: String, input: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
        -> String
    {
        try plane.kube(command, input: input, sourceLocation: sourceLocation)
    }

    /// Asks until the answer is as expected; the last answer otherwise fails the test.
    func eventually(
        _ command: String, seconds: Double = 40, sourceLocation: SourceLocation = #_sourceLocation,
        until isGood: (String) -> Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var answer = ""
        while ContinuousClock.now < deadline {
            let result = try plane.kubectl().run(ControlPlane.words(command))
            answer = (result.output + result.errors).trimmingCharacters(in: .newlines)
            if isGood(answer) { return }
            usleep(100_000)
        }
        Issue.record(
            "kubectl \(command): \(answer)\n\(log("manager").suffix(2000))", sourceLocation: sourceLocation)
    }

    func eventually(
        _ command: String, is expected: String, seconds: Double = 40, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try eventually(command, seconds: seconds, sourceLocation: sourceLocation) { $0 == expected }
    }
}
