import Foundation
import TestPrograms
import TestThreads
import Testing

/// Where `scripts/install-clients` puts them.
enum PythonClients {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let python = Tool("\(root.path)/.build/clients/bin/python3")
    static let schemathesis = Tool("\(root.path)/.build/clients/bin/st")
}

/// The Python client from PyPI, which `scripts/install-clients` puts into .build/clients.
@Suite(
    .ownThread, .needs("the test clients", from: "scripts/install-clients") { PythonClients.python != nil },
    .timeLimit(.minutes(30)))
struct PythonClientTests {
    private static func run(_ script: String, _ plane: ControlPlane, _ more: [String] = []) throws -> Tool.Result {
        let file = PythonClients.root.appending(path: "Tests/ControlPlaneTests/Clients/\(script)").path
        return try #require(PythonClients.python).run([file, plane.kubeconfig] + more, seconds: 200)
    }

    @Test func theClientFindsWhatItKnowsFromUpstream() throws {
        let result = try Self.run("python_client.py", ControlPlane())
        #expect(result.isGood && result.output == "ok\n", "\(result.errors)")
    }

    @Test func typedClientsMaySpeakProtobuf() throws {
        let result = try Self.run("protobuf_client.py", ControlPlane())
        #expect(result.isGood && result.output == "ok\n", "\(result.errors)")
    }
}
