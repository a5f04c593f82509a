import ControllerCore
import KubeAPI
import Testing

@Suite struct DaemonSetTests {
    private static func set(_ more: [String: JSONValue] = [:]) -> JSONValue {
        var spec: JSONValue = [
            "selector": ["matchLabels": ["app": "d"]],
            "template": ["metadata": ["labels": ["app": "d"]], "spec": ["containers": [["image": "v1"]]]],
        ]
        for (key, value) in more { spec[path: key] = value }
        return ["metadata": ["name": "d"], "spec": spec]
    }

    private static func cluster(nodes: Int, _ json: JSONValue) -> MiniCluster {
        var cluster = MiniCluster()
        for number in 0..<nodes {
            cluster.add(
                .node, ["metadata": ["name": .string("n\(number)"), "labels": ["disk": number == 0 ? "ssd" : "hdd"]]])
        }
        cluster.add(.daemonSet, json)
        return cluster
    }

    private static func run(_ cluster: inout MiniCluster) throws {
        var failures = DaemonFailures()
        _ = try run(&cluster, &failures)
    }

    private static func run(_ cluster: inout MiniCluster, _ failures: inout DaemonFailures) throws -> Duration? {
        let set = try #require(cluster[.daemonSet, "d"])
        let plan = DaemonSets.decide(
            set, nodes: cluster[.node], pods: cluster.owned(.pod, by: set),
            revisions: cluster.owned(.controllerRevision, by: set), failures: &failures, isSettled: true,
            now: cluster.now)
        for action in plan.revisions + plan.creations + plan.deletions { try cluster.perform(Decision([action])) }
        try cluster.perform(plan.status)
        return plan.status.requeueAfter
    }

    /// The scheduler binds, and pods become ready one at a time.
    private static func settle(_ cluster: inout MiniCluster, check: (MiniCluster) -> Void = { _ in }) throws {
        for _ in 0..<100 {
            let before = cluster.writes.count
            try run(&cluster)
            for pod in cluster[.pod] where pod.nodeName.isEmpty {
                cluster.change(.pod, pod.name) { $0[path: "spec", "nodeName"] = .string(Self.target(pod)) }
            }
            check(cluster)
            guard cluster.writes.count == before else { continue }
            guard let pod = cluster[.pod].first(where: { !$0.isReadyPod }) else { return }
            cluster.setReady(pod.name)
        }
        Issue.record("it does not come to rest")
    }

    private static func target(_ pod: APIObject) -> String {
        let affinity = pod.spec?["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]
        return affinity?["nodeSelectorTerms"]?.array?.first?["matchFields"]?.array?.first?["values"]?.array?.first?
            .string ?? ""
    }

    private static func nodes(_ cluster: MiniCluster) -> [String] { cluster[.pod].map(\.nodeName).sorted() }

    private static func image(_ pod: APIObject) -> String? { pod.spec?["containers"]?.array?.first?["image"]?.string }

    @Test func everyNodeHasOne() throws {
        var cluster = Self.cluster(nodes: 3, Self.set())
        try Self.settle(&cluster)
        #expect(Self.nodes(cluster) == ["n0", "n1", "n2"])
        let status = cluster[.daemonSet, "d"]?.status
        #expect(
            status?["desiredNumberScheduled"] == 3 && status?["numberAvailable"] == 3
                && status?["numberUnavailable"] == 0)
        cluster.add(.node, ["metadata": ["name": "n3"]])
        try Self.settle(&cluster)
        #expect(Self.nodes(cluster) == ["n0", "n1", "n2", "n3"])
        #expect(cluster[.controllerRevision].count == 1)
        let before = cluster.writes.count
        try Self.settle(&cluster)
        #expect(cluster.writes.count == before)
    }

    @Test func selectorsAndTaintsAreKept() throws {
        var template = Self.set()
        template[path: "spec", "template", "spec", "nodeSelector"] = ["disk": "hdd"]
        var cluster = Self.cluster(nodes: 4, template)
        cluster.change(.node, "n3") { $0[path: "spec", "taints"] = [["key": "x", "effect": "NoSchedule"]] }
        cluster.change(.node, "n2") {
            $0[path: "spec", "taints"] = [["key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"]]
        }
        try Self.settle(&cluster)
        #expect(Self.nodes(cluster) == ["n1", "n2"], "daemons tolerate a cordon")
        cluster.change(.node, "n1") { $0[path: "spec", "taints"] = [["key": "y", "effect": "NoExecute"]] }
        try Self.settle(&cluster)
        #expect(Self.nodes(cluster) == ["n2"])
        // A label that goes takes the pod along.
        cluster.change(.node, "n2") { $0[path: "metadata", "labels", "disk"] = "ssd" }
        try Self.settle(&cluster)
        #expect(Self.nodes(cluster).isEmpty)
    }

    @Test(arguments: [(0, 1), (0, 2), (1, 0), (2, 0)] as [(Int64, Int64)])
    func aRollKeepsItsBounds(surge: Int64, unavailable: Int64) throws {
        let strategy: JSONValue = [
            "type": "RollingUpdate",
            "rollingUpdate": ["maxSurge": .integer(surge), "maxUnavailable": .integer(unavailable)],
        ]
        var cluster = Self.cluster(nodes: 4, Self.set(["updateStrategy": strategy]))
        try Self.settle(&cluster)
        cluster.change(.daemonSet, "d") { $0[path: "spec", "template", "spec", "containers"] = [["image": "v2"]] }
        try Self.settle(&cluster) { cluster in
            let served = Set(cluster[.pod].filter(\.isReadyPod).map(\.nodeName))
            #expect(served.count >= 4 - Int(unavailable))
            #expect(cluster[.pod].count <= 4 + Int(surge))
        }
        #expect(cluster[.pod].allSatisfy { Self.image($0) == "v2" } && cluster[.pod].count == 4)
        #expect(cluster[.daemonSet, "d"]?.status?["updatedNumberScheduled"] == 4)
        #expect(cluster[.controllerRevision].compactMap { $0["revision"]?.integer }.sorted() == [1, 2])
    }

    @Test func onDeleteWaitsForSomebody() throws {
        var cluster = Self.cluster(nodes: 2, Self.set(["updateStrategy": ["type": "OnDelete"]]))
        try Self.settle(&cluster)
        cluster.change(.daemonSet, "d") { $0[path: "spec", "template", "spec", "containers"] = [["image": "v2"]] }
        try Self.settle(&cluster)
        #expect(cluster[.pod].allSatisfy { Self.image($0) == "v1" })
        cluster.remove(.pod, cluster[.pod][0].name)
        try Self.settle(&cluster)
        #expect(cluster[.pod].compactMap(Self.image).sorted() == ["v1", "v2"])
    }

    @Test func aFailedDaemonIsReplaced() throws {
        var cluster = Self.cluster(nodes: 1, Self.set())
        try Self.settle(&cluster)
        let name = cluster[.pod][0].name
        cluster.change(.pod, name) { $0[path: "status", "phase"] = "Failed" }
        try Self.settle(&cluster)
        #expect(cluster[.pod].count == 1 && cluster[.pod][0].name != name)
        #expect(cluster.events.contains { $0.hasPrefix("FailedDaemonPod") })
    }

    /// Each failure doubles the pause before the next pod; a change of the set ends it.
    @Test func aDaemonThatAlwaysFailsIsReplacedMoreAndMoreSlowly() throws {
        var cluster = Self.cluster(nodes: 1, Self.set())
        var failures = DaemonFailures()
        var pauses: [Int64] = []
        var pause: Int64 = 0
        while pauses.count < 14 {
            let wait = try Self.run(&cluster, &failures)
            for pod in cluster[.pod] { cluster.change(.pod, pod.name) { $0[path: "status", "phase"] = "Failed" } }
            if let wait {
                #expect(cluster[.pod].count == 1, "it stays until its time")
                pause += wait.components.seconds
                cluster.pass(seconds: wait.components.seconds)
            } else if cluster[.pod].isEmpty {
                pauses.append(pause)
                pause = 0
            }
        }
        #expect(pauses == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
        for _ in 0..<2 { _ = try Self.run(&cluster, &failures) }
        for pod in cluster[.pod] { cluster.change(.pod, pod.name) { $0[path: "status", "phase"] = "Failed" } }
        cluster.change(.daemonSet, "d") { $0[path: "spec", "minReadySeconds"] = 1 }
        _ = try Self.run(&cluster, &failures)
        #expect(cluster[.pod].isEmpty, "a set that was changed gets its chance at once")
    }

    /// Old pods that do not serve are replaced at once, however small the surge.
    @Test func aSurgeDoesNotCountWhatNobodyMisses() throws {
        let strategy: JSONValue = ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]]
        var cluster = Self.cluster(nodes: 4, Self.set(["updateStrategy": strategy]))
        try Self.settle(&cluster)
        for pod in cluster[.pod].prefix(3) { cluster.setReady(pod.name, false) }
        cluster.change(.daemonSet, "d") { $0[path: "spec", "template", "spec", "containers"] = [["image": "v2"]] }
        try Self.run(&cluster)
        #expect(cluster[.pod].count { Self.image($0) == "v2" } == 4, "three that nobody misses, and the surge")
        try Self.settle(&cluster)
        #expect(cluster[.pod].count == 4 && cluster[.pod].allSatisfy { Self.image($0) == "v2" })
    }

    @Test func aRevisionWhoseNameIsTakenGetsAnother() throws {
        var cluster = Self.cluster(nodes: 1, Self.set())
        try Self.settle(&cluster)
        let set = try #require(cluster[.daemonSet, "d"])
        let own = try #require(cluster[.controllerRevision].first)
        #expect(RevisionCollisions.resolve(set, .daemonSet, existing: own).actions.isEmpty, "it is what was meant")
        var others = own
        others[path: "data", "spec", "template", "spec"] = ["hostNetwork": true]
        try cluster.perform(RevisionCollisions.resolve(set, .daemonSet, existing: others))
        #expect(cluster[.daemonSet, "d"]?.status?["collisionCount"] == 1)
    }
}
