import KubeAPI
import KubeSchema
import Testing

struct PartialTests {
    /// A configuration for server-side apply owns only what it says.
    @Test func nothingIsAddedToAPart() throws {
        let type = try #require(APICatalog.builtin.type(group: "apps", version: "v1", kind: "Deployment"))
        let part: JSONValue = [
            "kind": "Deployment", "apiVersion": "apps/v1", "metadata": ["name": "web"],
            "spec": ["replicas": 0, "colour": "red", "paused": false],
        ]
        let normalized = try Schema.builtin.normalize(partial: part, as: type)
        #expect(normalized.value["spec"] == ["replicas": 0, "paused": false])
        #expect(normalized.value["status"] == nil)
        #expect(normalized.findings == ["unknown field \"spec.colour\""])
    }
}
