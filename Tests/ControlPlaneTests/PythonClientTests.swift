import Foundation
import TestThreads
import Testing

/// The Python client from PyPI, which `scripts/install-clients` puts into .build/clients.
@Suite(
    .ownThread, .enabled(if: PythonClientTests.python != nil, "needs the test clients: run scripts/install-clients"),
    .timeLimit(.minutes(10)))
struct PythonClientTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let python = Tool("\(root.path)/.build/clients/bin/python3")

    @Test func theClientFindsWhatItKnowsFromUpstream() throws {
        let plane = try ControlPlane()
        let script = Self.root.appending(path: "Tests/ControlPlaneTests/Clients/python_client.py")
        let result = try #require(Self.python).run([script.path, plane.kubeconfig], seconds: 120)
        #expect(result.isGood && result.output == "ok\n", "\(result.errors)")
    }
}
