import KubeAPI
import KubeSchema
import Testing

@testable import Agent

@Suite struct NodeReporterTests {
    /// A strategic merge patch would take the two for one.
    @Test func aNodeKeepsItsAddressOfEachFamily() throws {
        let addresses: JSONValue = [
            ["type": "InternalIP", "address": "10.0.0.1"], ["type": "InternalIP", "address": "fd00::1"],
            ["type": "Hostname", "address": "n"],
        ]
        let type = try #require(Schema.builtin.type(named: "io.k8s.api.core.v1.Node"))
        var node: JSONValue = ["kind": "Node"]
        for _ in 0..<3 {
            node = try StrategicMergePatch(schema: .builtin).apply(
                ["status": NodeReporter.patch(["addresses": addresses])], to: node, as: type)
            #expect(node["status"]?["addresses"] == addresses)
        }
    }
}
