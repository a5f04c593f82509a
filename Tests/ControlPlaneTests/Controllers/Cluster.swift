import Foundation
import Glibc
import KubeClient
import Logging
import TestPrograms
import Testing

/// An API server with a controller manager, simulated nodes and perhaps a scheduler, each a process of its own.
final class Cluster {
    let plane: ControlPlane
    private var processes: [String: LoggedProcess] = [:]
    private var commands: [String: [String]] = [:]

    /// - Parameters:
    ///   - nodes: how many simulated ones; the first is sim-0.
    ///   - manager: more flags of the controller manager.
    init(nodes: Int = 2, scheduler: Bool = false, manager: [String] = [], agent: [String] = []) throws {
        plane = try ControlPlane()
        try start("manager", ["controller-manager", "--port", "0", "--leader-elect=false"] + manager)
        if scheduler { try start("scheduler", ["scheduler", "--port", "0", "--leader-elect=false"]) }
        if nodes > 0 { try start("agent", ["agent", "--simulate", "\(nodes)"] + agent) }
    }

    /// Starts a program of the cluster.
    func start(_ name: String, _ arguments: [String]) throws {
        commands[name] = arguments
        try run(name, ControlPlane.program, arguments + ["--kubeconfig", plane.kubeconfig])
    }

    /// Starts any program; it ends with the cluster.
    func run(_ name: String, _ program: String, _ arguments: [String]) throws {
        processes[name] = try LoggedProcess(
            Program.start(program, arguments), log: plane.folder.appending(path: "\(name).log").path)
    }

    /// As a machine does that loses power.
    func crash(_ name: String) { processes.removeValue(forKey: name)?.crash() }

    /// Crashes it, and starts it as it was started before.
    func restart(_ name: String) throws {
        crash(name)
        try start(name, commands[name] ?? [])
    }

    /// Sends a signal; whether it still runs.
    @discardableResult
    func signal(_ name: String, _ number: Int32) -> Bool {
        processes[name]?.signal(number) ?? false
    }

    func isRunning(_ name: String) -> Bool { processes[name]?.isRunning ?? false }

    func log(_ name: String) -> String {
        (try? String(contentsOf: plane.folder.appending(path: "\(name).log"), encoding: .utf8)) ?? ""
    }

    /// A client with the administrator's rights.
    func client() throws -> KubeClient {
        KubeClient(
            try Kubeconfig(contentsOf: plane.kubeconfig).connection(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @discardableResult
    func kube(_ command: String, input: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
        -> String
    {
        try plane.kube(command, input: input, sourceLocation: sourceLocation)
    }

    /// Asks until the answer is as expected; the last answer otherwise fails the test.
    func eventually(
        _ command: String, seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation,
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
        _ command: String, is expected: String, seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try eventually(command, seconds: seconds, sourceLocation: sourceLocation) { $0 == expected }
    }
}
