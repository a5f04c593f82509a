import Foundation
import Glibc
import TestPrograms
import Testing

/// A node agent of its own (`Clients/node_agent.py`) for a control plane, with its node `node-1` and the pod `p` on it. Ends
/// with its owner.
final class StreamAgent {
    private static let script = PythonClients.root.appending(path: "Tests/ControlPlaneTests/Clients/node_agent.py")
    static let python = Tool("python3")

    let port: Int
    private let process: LoggedProcess

    init(_ plane: ControlPlane) throws {
        guard let python = Self.python else { throw ControlPlane.Failure(description: "there is no python3") }
        process = try LoggedProcess(
            Program.start(
                python.path, [Self.script.path, plane.folder.appending(path: "data/pki").path],
                environment: ["PYTHONDONTWRITEBYTECODE": "1"]),
            log: plane.folder.appending(path: "agent").path)
        port = try Self.port(process)
        try plane.kube("apply -f -", input: Self.objects)
        let endpoint = #"{"daemonEndpoints":{"kubeletEndpoint":{"Port":\#(port)}},"addresses":"#
        try plane.kube(
            "patch node node-1 --subresource=status --type=merge "
                + "-p '{\"status\":\(endpoint)[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}]}}'")
        try plane.kube("patch pod p --subresource=status --type=merge -p '{\"status\":{\"phase\":\"Running\"}}'")
    }

    func stop() { process.crash() }

    /// A line per request: the client's name, method, path and protocol.
    var requests: [String] {
        process.lines.dropFirst().map(String.init)
    }

    private static func port(_ process: LoggedProcess) throws -> Int {
        let deadline = ContinuousClock.now + .seconds(90)
        while ContinuousClock.now < deadline, process.isRunning {
            if let port = process.lines.first.flatMap({ Int($0) }) { return port }
            usleep(10_000)
        }
        throw ControlPlane.Failure(description: "the agent does not start: \(process.output)")
    }

    private static let objects = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: default, namespace: default}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: node-1}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: default}
        spec:
          nodeName: node-1
          containers:
          - {name: main, image: "example.org/main:1"}
          - {name: refused, image: "example.org/main:1"}
          - {name: agent-dies, image: "example.org/main:1"}
          - {name: spdy-only, image: "example.org/main:1"}
        """
}

extension LoggedProcess {
    fileprivate var lines: [Substring] { output.split(whereSeparator: \.isNewline) }
}

/// A `kubectl port-forward` that runs until its owner ends.
final class PortForward {
    let port: Int
    private let process: LoggedProcess

    init(_ kubectl: Tool, _ arguments: [String], folder: URL) throws {
        process = try LoggedProcess(
            Program.start(kubectl.path, ["port-forward"] + arguments, environment: kubectl.environment),
            log: folder.appending(path: "forward-\(UUID().uuidString)").path)
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline, process.isRunning {
            // Forwarding from 127.0.0.1:40001 -> 6443
            if let line = process.lines.first(where: { $0.hasPrefix("Forwarding from 127.0.0.1:") }),
                let port = Int(line.dropFirst(26).prefix(while: \.isNumber))
            {
                self.port = port
                return
            }
            usleep(10_000)
        }
        throw ControlPlane.Failure(description: "port-forward: \(process.output)")
    }
}
