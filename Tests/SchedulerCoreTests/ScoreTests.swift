import KubeAPI
import Testing

@testable import SchedulerCore

/// Each score by itself, with numbers computed by hand.
@Suite struct ScoreTests {
    private func cluster(_ nodes: NodeDescription...) -> Cluster {
        var cluster = Cluster()
        for node in nodes { cluster.set(node) }
        return cluster
    }

    @Test func leastAndMostAllocated() throws {
        var cluster = cluster(try Make.node("a", cpu: "4", memory: "4Gi"), try Make.node("b", cpu: "10", memory: "8Gi"))
        cluster.place(try Make.pod("x", cpu: "1", memory: "1Gi"), on: "a")
        let pod = try Make.pod("p", cpu: "1", memory: "1Gi")
        // a: half of both is in use; b: a tenth and an eighth.
        #expect(cluster.scores(.nodeResourcesFit, pod) == ["a": 50, "b": (90 + 87) / 2])
        var packing = Profile()
        packing.fit.strategy = .mostAllocated
        #expect(cluster.scores(.nodeResourcesFit, pod, profile: packing) == ["a": 50, "b": (10 + 12) / 2])
        packing.fit.strategy = .ratio(
            ScoreShape(points: [.init(utilization: 0, score: 0), .init(utilization: 100, score: 10)]))
        #expect(cluster.scores(.nodeResourcesFit, pod, profile: packing) == ["a": 50, "b": 11])
    }

    @Test func balancedAllocation() throws {
        var cluster = cluster(try Make.node("a", cpu: "4", memory: "4Gi"), try Make.node("b", cpu: "4", memory: "4Gi"))
        cluster.place(try Make.pod("x", cpu: "2"), on: "b")
        // a: 1/4 and 1/4; b: 3/4 and 1/4, deviation 1/4.
        #expect(
            cluster.scores(.balancedAllocation, try Make.pod("p", cpu: "1", memory: "1Gi")) == ["a": 100, "b": 75])
        #expect(cluster.scores(.balancedAllocation, try Make.pod("p")).isEmpty)
    }

    @Test func preferredNodeAffinity() throws {
        var cluster = cluster(
            try Make.node("a", labels: ["x": "1"]), try Make.node("b", labels: ["x": "1", "y": "1"]),
            try Make.node("c"))
        func preference(_ key: String, _ weight: Int64) -> JSONValue {
            [
                "weight": .integer(weight),
                "preference": ["matchExpressions": [["key": .string(key), "operator": "Exists"]]],
            ]
        }
        let pod = try Make.pod(
            "p",
            spec: ["affinity": ["nodeAffinity": [.init(Make.preferred): [preference("x", 10), preference("y", 30)]]]])
        #expect(cluster.scores(.nodeAffinity, pod) == ["a": 25, "b": 100, "c": 0])
    }

    @Test func taintsThatAreNotTolerated() throws {
        let taint = Make.taint("k", "", "PreferNoSchedule")
        var cluster = cluster(
            try Make.node("a", taints: [taint, Make.taint("j", "", "PreferNoSchedule")]),
            try Make.node("b", taints: [taint]), try Make.node("c"))
        #expect(cluster.scores(.taintToleration, try Make.pod("p")) == ["a": 0, "b": 50, "c": 100])
    }

    @Test func imagesThatAreThere() throws {
        let image: JSONValue = ["names": ["x:1"], "sizeBytes": .integer(1000 << 20)]
        var cluster = cluster(try Make.node("a", images: [image]), try Make.node("b"))
        // Half of the nodes have it: 500 MiB of 23 to 1000.
        #expect(cluster.scores(.imageLocality, try Make.pod("p")) == ["a": (500 - 23) * 100 / 977, "b": 0])
        // Of two containers one has its image there: as much of twice as much.
        let two = try Make.pod("q", spec: ["initContainers": [["name": "i", "image": "y:1"]]])
        #expect(cluster.scores(.imageLocality, two) == ["a": (500 - 23) * 100 / 1977, "b": 0])
        #expect(ImageName.normalised("registry:5000/app") == "registry:5000/app:latest")
        #expect(ImageName.normalised("app@sha256:00") == "app@sha256:00")
    }

    @Test func spreadOverZones() throws {
        var cluster = cluster(
            try Make.node("a", labels: ["zone": "1"]), try Make.node("b", labels: ["zone": "2"]), try Make.node("c"))
        for index in 0..<3 { cluster.place(try Make.pod("x\(index)", labels: ["app": "w"]), on: "a") }
        cluster.place(try Make.pod("y", labels: ["app": "w"]), on: "b")
        let pod = try Make.pod(
            "p", labels: ["app": "w"],
            spec: ["topologySpreadConstraints": [Make.spread(["app": "w"], "zone", required: false)]])
        // ln 4 = 1.386: 4.16 and 1.39, rounded 4 and 1; 100·(4+1-s)/4. c has no zone.
        #expect(cluster.scores(.podTopologySpread, pod) == ["a": 25, "b": 100, "c": 0])
    }

    /// Pods of a ReplicaSet and a Service that ask for nothing are spread over hostnames and zones.
    @Test func podsWithoutConstraintsAreSpreadByDefault() throws {
        let zone = "topology.kubernetes.io/zone"
        var cluster = cluster(
            try Make.node("a", labels: [zone: "1"]), try Make.node("b", labels: [zone: "1"]),
            try Make.node("c", labels: [zone: "2"]), try Make.node("d"))
        let owner: JSONValue = ["kind": "ReplicaSet", "name": "web", "uid": "u", "controller": true]
        func pod(_ name: String, app: String = "w", owned: Bool = true) throws -> Pod {
            try Pod(json: [
                "metadata": [
                    "name": .string(name), "namespace": "default", "labels": ["app": .string(app)],
                    "ownerReferences": owned ? [owner] : [],
                ], "spec": ["containers": []],
            ])
        }
        for index in 0..<3 { cluster.place(try pod("x\(index)"), on: "a") }
        #expect(cluster.scores(.podTopologySpread, try pod("p")).isEmpty, "the ReplicaSet is not known")
        let set: JSONValue = [
            "metadata": ["name": "web", "namespace": "default", "uid": "u"],
            "spec": ["selector": ["matchLabels": ["app": "w"]]],
        ]
        cluster.set(try ControllerSelector(json: set), of: .replicaSet)
        let scores = cluster.scores(.podTopologySpread, try pod("p"))
        let (a, b, c) = (try #require(scores["a"]), try #require(scores["b"]), try #require(scores["c"]))
        #expect(a < b && b < c && scores["d"] != 0, "\(scores): a node without a zone is not left out")
        // A Service is enough, and goes again; its pods' own constraints count instead.
        let lone = try pod("q", owned: false)
        #expect(cluster.scores(.podTopologySpread, lone).isEmpty)
        let service: JSONValue = [
            "metadata": ["name": "s", "namespace": "default"], "spec": ["selector": ["app": "w"]],
        ]
        cluster.set(try ServiceSelector(json: service))
        #expect(cluster.scores(.podTopologySpread, lone) == scores)
        #expect(cluster.scores(.podTopologySpread, try pod("r", app: "other", owned: false)).isEmpty)
        cluster.removeService(NamespacedName(namespace: "default", name: "s"))
        #expect(cluster.scores(.podTopologySpread, lone).isEmpty)
    }

    @Test func preferredPodAffinity() throws {
        var cluster = cluster(
            try Make.node("a", labels: ["zone": "1"]), try Make.node("b", labels: ["zone": "1"]),
            try Make.node("c", labels: ["zone": "2"]))
        cluster.place(try Make.pod("x", labels: ["app": "db"]), on: "a")
        func affinity(_ kind: String, _ labels: [String: String], _ key: String, _ weight: Int64) -> JSONValue {
            let term = Make.affinityTerm(labels, key)
            return [
                "affinity": [
                    .init(kind): [.init(Make.preferred): [["weight": .integer(weight), "podAffinityTerm": term]]]
                ]
            ]
        }
        let near = try Make.pod("p", spec: affinity("podAffinity", ["app": "db"], "zone", 10))
        #expect(cluster.scores(.interPodAffinity, near) == ["a": 100, "b": 100, "c": 0])
        let far = try Make.pod("p", spec: affinity("podAntiAffinity", ["app": "db"], "kubernetes.io/hostname", 10))
        #expect(cluster.scores(.interPodAffinity, far) == ["a": 0, "b": 100, "c": 100])
        // Preferences of those that are there count too.
        cluster.place(try Make.pod("y", spec: affinity("podAntiAffinity", ["app": "new"], "zone", 5)), on: "c")
        #expect(
            cluster.scores(.interPodAffinity, try Make.pod("p", labels: ["app": "new"])) == [
                "a": 100, "b": 100, "c": 0,
            ])
        #expect(cluster.scores(.interPodAffinity, try Make.pod("p")).isEmpty)
    }

    @Test(arguments: [
        (1, 0.0), (2, 0.693_147_180_559_945_3), (5002, 8.517_593_111_112_74), (0, 0), (7, 1.945_910_149_055_313),
    ])
    func logarithm(number: Int, expected: Double) {
        #expect(abs(NaturalLogarithm.of(number) - expected) < 1e-9)
    }

    @Test(arguments: [
        (50, 0, 50), (100, 0, 100), (200, 0, 100), (1000, 0, 420), (5000, 0, 500), (10000, 0, 500), (5000, 30, 1500),
        (5000, 100, 5000),
    ])
    func enoughNodes(count: Int, percentage: Int64, expected: Int) {
        var profile = Profile()
        profile.percentageOfNodesToScore = percentage
        #expect(profile.sufficientNodes(of: count) == expected)
    }

    @Test func lookingAtNodesGoesRound() throws {
        var cluster = Cluster()
        for index in 0..<300 { cluster.set(try Make.node("n\(index)")) }
        var cursor = SchedulingCursor(seed: 3)
        var seen: Set<String> = []
        for index in 0..<3 {
            let pod = try Make.pod("p\(index)", cpu: "100m")
            let decision = cluster.decide(pod, profile: Profile(), cursor: &cursor)
            let enough = Profile().sufficientNodes(of: 300)
            #expect(decision.explanation.feasible.count == enough)
            #expect(decision.explanation.unseen == 300 - enough)
            seen.formUnion(decision.explanation.feasible)
        }
        #expect(seen.count == 300)
    }

    @Test func zonesTakeTurns() throws {
        var cluster = Cluster()
        for index in 0..<6 {
            cluster.set(try Make.node("n\(index)", labels: ["topology.kubernetes.io/zone": index < 4 ? "a" : "b"]))
        }
        #expect(cluster.orderedPlaces().map { cluster.nodes[$0].name } == ["n0", "n4", "n1", "n5", "n2", "n3"])
    }
}
