import ControllerCore
import KubeAPI
import Testing

@Suite struct StorageProtectionTests {
    private static func pod(_ name: String, node: String = "n1", phase: String = "Running") -> JSONValue {
        [
            "metadata": ["name": .string(name)],
            "spec": [
                "nodeName": .string(node),
                "volumes": [
                    ["name": "a", "persistentVolumeClaim": ["claimName": "data"]],
                    ["name": "own", "ephemeral": .emptyObject], ["name": "c", "configMap": ["name": "x"]],
                ],
            ], "status": ["phase": .string(phase)],
        ]
    }

    @Test func aClaimStaysAsLongAsAPodUsesIt() throws {
        var cluster = MiniCluster()
        cluster.add(.persistentVolumeClaim, ["metadata": ["name": "data"]])
        func run(_ cluster: inout MiniCluster) throws -> [String]? {
            let claim = try #require(cluster[.persistentVolumeClaim, "data"])
            try cluster.perform(StorageProtection.decide(claim: claim, pods: cluster[.pod]))
            return cluster[.persistentVolumeClaim, "data"]?.finalizers
        }
        #expect(try run(&cluster) == ["kubernetes.io/pvc-protection"])
        cluster.add(.pod, Self.pod("user"))
        cluster.change(.persistentVolumeClaim, "data") {
            $0[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
        }
        #expect(try run(&cluster) == ["kubernetes.io/pvc-protection"])
        cluster.change(.pod, "user") { $0["status"] = ["phase": "Succeeded"] }
        cluster.add(.pod, Self.pod("waiting", node: ""))
        #expect(try run(&cluster) == [])
    }

    @Test func aPodNamesItsClaims() throws {
        var cluster = MiniCluster()
        let user = cluster.add(.pod, Self.pod("user"))
        #expect(StorageProtection.claims(of: user).map(\.name) == ["data", "user-own"])
    }

    @Test(arguments: [("Bound", 1), ("Released", 0)]) func aVolumeStaysAsLongAsItIsBound(phase: String, left: Int)
        throws
    {
        var cluster = MiniCluster()
        let volume = cluster.add(
            .persistentVolume,
            [
                "metadata": [
                    "name": "v", "deletionTimestamp": "2026-01-01T00:00:00Z",
                    "finalizers": ["kubernetes.io/pv-protection"],
                ], "status": ["phase": .string(phase)],
            ])
        try cluster.perform(StorageProtection.decide(volume: volume))
        #expect(cluster[.persistentVolume, "v"]?.finalizers.count == left)
    }
}
