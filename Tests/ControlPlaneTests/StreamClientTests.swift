import Foundation
import TestPrograms
import TestThreads
import Testing

/// kubectl in one of its ways to stream.
struct StreamingKubectl: Sendable, CustomTestStringConvertible {
    enum Transport: String, Sendable { case webSocket, spdy }

    /// A file beside the installed kubectl; empty: that one.
    var version = ""
    let transport: Transport

    var testDescription: String { "kubectl\(version) over \(transport.rawValue)" }

    /// Those that the machine has: SPDY is what kubectl up to 1.30 speaks, and newer ones when they are told so.
    static var all: [StreamingKubectl] {
        let known = [
            StreamingKubectl(transport: .webSocket), StreamingKubectl(transport: .spdy),
            StreamingKubectl(version: ".1.29", transport: .spdy),
            StreamingKubectl(version: ".1.33", transport: .webSocket),
        ]
        return known.filter { $0.path != nil }
    }

    private var path: String? {
        guard let installed = Tool("kubectl")?.path else { return nil }
        let path = version.isEmpty ? installed : URL(filePath: installed).resolvingSymlinksInPath().path + version
        return Tool(path)?.path
    }

    func tool(_ plane: ControlPlane) throws -> Tool {
        let path = try #require(path)
        var tool = try #require(Tool(path))
        tool.environment = try plane.kubectl().environment
        if transport == .spdy {
            tool.environment["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = "false"
            tool.environment["KUBECTL_PORT_FORWARD_WEBSOCKETS"] = "false"
        }
        return tool
    }
}

/// Streams with clients and an agent that speak for themselves.
@Suite(
    .ownThread, .needs("kubectl", "python3"), .timeLimit(.minutes(30)))
struct StreamClientTests {
    @Test(arguments: StreamingKubectl.all) func commandsRun(_ client: StreamingKubectl) throws {
        let plane = try ControlPlane()
        let agent = try StreamAgent(plane)
        let kubectl = try client.tool(plane)
        let failed = try kubectl.run(["exec", "p", "-c", "main", "--", "sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(failed.status == 3 && failed.output == "out\n", "\(failed)")
        #expect(failed.errors == "err\ncommand terminated with exit code 3\n")
        // More than all buffers on the way take.
        let text = String(repeating: "0123456789abcdef", count: 300_000)
        let echoed = try kubectl.run(["exec", "-i", "p", "-c", "main", "--", "cat"], input: text)
        #expect(echoed.isGood && echoed.output == text, "\(echoed.errors), \(echoed.output.utf8.count) bytes")
        let attached = try kubectl.run(["attach", "-i", "p", "-c", "main"], input: "hello")
        #expect(attached.output == "attached\nHELLO", "\(attached)")
        let old = try kubectl.run(["exec", "p", "-c", "spdy-only", "--", "echo", "old"])
        #expect(old.isGood && old.output == "old\n", "\(old)")
        let upgrades = Set(agent.requests.compactMap { $0.split(separator: " ").last.map(String.init) })
        #expect(upgrades.contains("websocket") == (client.transport == .webSocket), "\(agent.requests)")
        #expect(agent.requests.allSatisfy { $0.hasPrefix("kube-apiserver-kubelet-client ") })
    }

    @Test(arguments: StreamingKubectl.all) func filesAreCopiedBothWays(_ client: StreamingKubectl) throws {
        let plane = try ControlPlane()
        let agent = try StreamAgent(plane)
        let kubectl = try client.tool(plane)
        let folder = plane.folder
        let data = Data((0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        try data.write(to: folder.appending(path: "there"))
        try FileManager.default.createDirectory(at: folder.appending(path: "pod"), withIntermediateDirectories: true)
        let inPod = folder.appending(path: "pod/file").path
        let there = try kubectl.run(["cp", "-c", "main", folder.appending(path: "there").path, "p:\(inPod)"])
        #expect(there.isGood && (try? Data(contentsOf: URL(filePath: inPod))) == data, "\(there)")
        let back = try kubectl.run(["cp", "-c", "main", "p:\(inPod)", folder.appending(path: "back").path])
        #expect(back.isGood && (try? Data(contentsOf: folder.appending(path: "back"))) == data, "\(back)")
        #expect(!agent.requests.isEmpty)
    }

    @Test(arguments: StreamingKubectl.all) func portsAreForwarded(_ client: StreamingKubectl) throws {
        let plane = try ControlPlane()
        let agent = try StreamAgent(plane)
        let kubectl = try client.tool(plane)
        // The way leads back to the API server itself, with TLS from end to end.
        let forward = try PortForward(kubectl, ["p", ":\(plane.port)"], folder: plane.folder)
        for path in ["/readyz", "/openapi/v2", "/version", "/openapi/v2"] {
            let through = try kubectl.run(["--server", "https://127.0.0.1:\(forward.port)", "get", "--raw", path])
            let straight = try plane.kubectl().run(["get", "--raw", path])
            #expect(through.isGood && through.output == straight.output, "\(path): \(through.errors)")
        }
        #expect(agent.requests == ["kube-apiserver-kubelet-client POST /portForward/default/p SPDY/3.1"])
        // Streams that are open do not hold the server up.
        #expect(plane.stop() == 0)
    }

    @Test func logsAndProxies() throws {
        let plane = try ControlPlane()
        let agent = try StreamAgent(plane)
        #expect(try plane.kube("logs p -c main") == "line 1\nline 2\nline 3\nline 4\nline 5")
        #expect(try plane.kube("logs p -c main --tail=2") == "line 4\nline 5")
        #expect(try plane.kube("logs -f p -c main --tail=1") == "line 5\nline 6\nline 7\nline 8")
        #expect(try plane.refusal("logs p -c refused").contains("this agent has no logs of it"))
        #expect(
            try plane.refusal("logs p -c none").contains("container none is not valid for pod p"))
        let cut = try plane.kubectl().run(["logs", "-f", "p", "-c", "agent-dies"])
        #expect(!cut.isGood && cut.output.hasSuffix("line 6\n"), "\(cut)")
        #expect(try plane.kube("get --raw /api/v1/nodes/node-1/proxy/stats?a=b%20c") == "GET /stats?a=b+c")
        #expect(
            try plane.refusal("get --raw /api/v1/namespaces/default/pods/p:80/proxy/x").contains("address not allowed"))
        agent.stop()
        #expect(try plane.refusal("logs p -c main").contains("error trying to reach service"))
    }

    @Test func agentsOfAnotherAuthorityAreNotBelieved() throws {
        let other = try ControlPlane()
        let authority = other.folder.appending(path: "data/pki/ca.crt").path
        let plane = try ControlPlane(["--kubelet-certificate-authority", authority])
        let agent = try StreamAgent(plane)
        #expect(try plane.refusal("logs p -c main").contains("error trying to reach service"))
        #expect(agent.requests.isEmpty)
    }

    @Test(arguments: StreamingKubectl.all) func whatGoesWrongIsTold(_ client: StreamingKubectl) throws {
        let plane = try ControlPlane()
        let agent = try StreamAgent(plane)
        let kubectl = try client.tool(plane)
        func exec(_ command: String, _ more: [String] = []) throws -> Tool.Result {
            try kubectl.run(more + ["exec", "p", "-c", "main", "--", command])
        }
        let refused = try exec("refused")
        #expect(!refused.isGood && refused.errors.contains("this agent refuses"), "\(refused)")
        let cut = try exec("agent-dies")
        // Over SPDY kubectl takes the end of the stream of errors for success, whoever served it.
        #expect(cut.isGood == (client.transport == .spdy) && cut.output == "last words\n", "\(cut)")
        try plane.kube("create clusterrole looker --verb=get --resource=pods,pods/exec")
        try plane.kube("create clusterrolebinding looker --clusterrole=looker --user=looker")
        let before = agent.requests.count
        let forbidden = try exec("true", ["--as=looker"])
        #expect(
            !forbidden.isGood
                && forbidden.errors.contains(
                    #"User "looker" cannot create resource "pods/exec" in API group "" in the namespace "default""#),
            "\(forbidden)")
        #expect(agent.requests.count == before)
        agent.stop()
        #expect(try exec("true").errors.contains("error trying to reach service"))
    }
}

/// The Python client's own streams: WebSockets with `v4.channel.k8s.io`.
@Suite(
    .ownThread,
    .enabled(
        if: PythonClients.python != nil && StreamAgent.python != nil,
        "needs the test clients: run scripts/install-clients"), .timeLimit(.minutes(30)))
struct PythonStreamTests {
    @Test func thePythonClientStreams() throws {
        let plane = try ControlPlane()
        let agent = try StreamAgent(plane)
        let script = PythonClients.root.appending(path: "Tests/ControlPlaneTests/Clients/python_streams.py")
        let result = try #require(PythonClients.python).run(
            [script.path, plane.kubeconfig, "\(plane.port)"], seconds: 120)
        #expect(result.isGood && result.output == "ok\n", "\(result.errors) \(agent.requests)")
    }
}
