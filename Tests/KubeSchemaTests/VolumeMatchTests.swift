import KubeAPI
import KubeSchema
import Testing

/// Which volumes suit a claim, and which is taken.
@Suite struct VolumeMatchTests {
    private func volume(_ name: String, _ change: (inout JSONValue) -> Void = { _ in }) throws -> PersistentVolume {
        var json: JSONValue = [
            "metadata": ["name": .string(name)],
            "spec": [
                "capacity": ["storage": "10Gi"], "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
            ], "status": ["phase": "Available"],
        ]
        change(&json)
        return try PersistentVolume(json: json)
    }

    private func claim(_ change: (inout JSONValue) -> Void = { _ in }) throws -> PersistentVolumeClaim {
        var json: JSONValue = [
            "metadata": ["name": "data", "namespace": "n", "uid": "1"],
            "spec": [
                "resources": ["requests": ["storage": "5Gi"]], "accessModes": ["ReadWriteOnce"],
                "storageClassName": "local",
            ],
        ]
        change(&json)
        return try PersistentVolumeClaim(json: json)
    }

    private func names(_ claim: PersistentVolumeClaim, _ volumes: PersistentVolume...) -> [String] {
        VolumeMatch.candidates(for: claim, among: volumes).map(\.name)
    }

    private static let misfits: [([String], JSONValue)] = [
        (["spec", "capacity", "storage"], "4Gi"), (["spec", "capacity", "storage"], "much"),
        (["spec", "storageClassName"], "other"), (["spec", "volumeMode"], "Block"),
        (["spec", "accessModes"], ["ReadOnlyMany"]), (["status", "phase"], "Released"),
        (["metadata", "deletionTimestamp"], "2026-01-01T00:00:00Z"),
        (["spec", "claimRef"], ["namespace": "n", "name": "another", "uid": "2"]),
        (["spec", "claimRef"], ["namespace": "n", "name": "data", "uid": "2"]),
    ]

    @Test(arguments: misfits)
    func whatDoesNotSuit(path: [String], value: JSONValue) throws {
        #expect(names(try claim(), try volume("v")) == ["v"])
        #expect(names(try claim(), try volume("v") { $0[path: path[...]] = value }) == [])
    }

    @Test func theSmallestWithTheFewestUsesIsTaken() throws {
        let large = try volume("large") { $0[path: "spec", "capacity", "storage"] = "1Ti" }
        let shared = try volume("shared") {
            $0[path: "spec", "capacity", "storage"] = "5Gi"
            $0[path: "spec", "accessModes"] = ["ReadWriteOnce", "ReadWriteMany"]
        }
        let small = try volume("small") { $0[path: "spec", "capacity", "storage"] = "6Gi" }
        let other = try volume("other") { $0[path: "spec", "capacity", "storage"] = "6Gi" }
        #expect(names(try claim(), large, shared, small, other) == ["other", "small", "large", "shared"])
    }

    @Test func aSelectorIsForVolumesThatNobodyHas() throws {
        let wish = try claim { $0[path: "spec", "selector"] = ["matchLabels": ["disk": "ssd"]] }
        let ssd = try volume("ssd") { $0[path: "metadata", "labels"] = ["disk": "ssd"] }
        let plain = try volume("plain")
        #expect(names(wish, ssd, plain) == ["ssd"])
        let kept = try volume("kept") { $0[path: "spec", "claimRef"] = ["namespace": "n", "name": "data"] }
        #expect(names(wish, ssd, kept) == ["kept"])
    }

    @Test func whyAVolumeThatAUserNamesWillNotDo() throws {
        let small = try volume("v") { $0[path: "spec", "capacity", "storage"] = "1Gi" }
        #expect(VolumeMatch.mismatch(try claim(), small)?.rawValue == "requested PV is too small")
        let block = try volume("v") { $0[path: "spec", "volumeMode"] = "Block" }
        #expect(VolumeMatch.mismatch(try claim(), block)?.rawValue == "incompatible volumeMode")
    }

    @Test(arguments: [
        (#"[]"#, true),
        (#"[{"matchLabelExpressions":[{"key":"zone","values":["a","b"]}]}]"#, true),
        (#"[{"matchLabelExpressions":[{"key":"zone","values":["c"]}]}]"#, false),
        (#"[{"matchLabelExpressions":[{"key":"zone","values":["a"]},{"key":"rack","values":["1"]}]}]"#, false),
        (
            #"[{"matchLabelExpressions":[{"key":"rack","values":["1"]}]},{"matchLabelExpressions":[{"key":"zone","values":["a"]}]}]"#,
            true
        ),
        (#"[{}]"#, false),
    ])
    func topologiesOfAClass(terms: String, isAllowed: Bool) throws {
        let storageClass = try StorageClass(json: [
            "metadata": ["name": "fast"], "provisioner": "example.org/disk",
            "allowedTopologies": try JSONParser.parse(terms),
        ])
        #expect(storageClass.provisions)
        #expect(storageClass.allows(nodeLabels: ["zone": "a"]) == isAllowed)
    }
}
