import Foundation
import TestThreads
import Testing

/// Where `scripts/install-clients` puts them.
enum PythonClients {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let python = Tool("\(root.path)/.build/clients/bin/python3")
}

/// The Python client from PyPI, which `scripts/install-clients` puts into .build/clients.
@Suite(
    .ownThread, .enabled(if: PythonClients.python != nil, "needs the test clients: run scripts/install-clients"),
    .timeLimit(.minutes(10)))
struct PythonClientTests {
    @Test func theClientFindsWhatItKnowsFromUpstream() throws {
        let plane = try ControlPlane()
        let script = PythonClients.root.appending(path: "Tests/ControlPlaneTests/Clients/python_client.py")
        let result = try #require(PythonClients.python).run([script.path, plane.kubeconfig], seconds: 120)
        #expect(result.isGood && result.output == "ok\n", "\(result.errors)")
    }
}
