import ControllerCore
import KubeAPI
import Testing

@Suite struct StatefulSetTests {
    private static func set(_ more: [String: JSONValue] = [:]) -> JSONValue {
        var spec: JSONValue = [
            "replicas": 3, "serviceName": "db", "selector": ["matchLabels": ["app": "db"]],
            "template": ["metadata": ["labels": ["app": "db"]], "spec": ["containers": [["image": "v1"]]]],
        ]
        for (key, value) in more { spec[path: key] = value }
        return ["metadata": ["name": "db"], "spec": spec]
    }

    private static func run(_ cluster: inout MiniCluster) throws {
        let set = try #require(cluster[.statefulSet, "db"])
        let claims = Dictionary(cluster[.persistentVolumeClaim].map { ($0.name, $0) }) { $1 }
        let plan = StatefulSets.decide(
            set, pods: cluster.owned(.pod, by: set), revisions: cluster.owned(.controllerRevision, by: set),
            claim: { claims[$0] }, isSettled: true, now: cluster.now)
        for action in plan.preparations + plan.creations + plan.deletions { try cluster.perform(Decision([action])) }
        try cluster.perform(plan.status)
    }

    private static func settle(_ cluster: inout MiniCluster, check: (MiniCluster) -> Void = { _ in }) throws {
        for _ in 0..<100 {
            let before = cluster.writes.count
            try run(&cluster)
            check(cluster)
            guard cluster.writes.count == before else { continue }
            guard let pod = cluster[.pod].first(where: { !$0.isReadyPod }) else { return }
            cluster.setReady(pod.name)
        }
        Issue.record("it does not come to rest")
    }

    private static func images(_ cluster: MiniCluster) -> [String] {
        cluster[.pod].compactMap { $0.spec?["containers"]?.array?.first?["image"]?.string }
    }

    private static func update(_ cluster: inout MiniCluster, _ image: String) {
        cluster.change(.statefulSet, "db") {
            $0[path: "spec", "template", "spec", "containers"] = [["image": .string(image)]]
        }
    }

    @Test func podsComeInOrderAndGoInReverse() throws {
        var cluster = MiniCluster()
        cluster.add(.statefulSet, Self.set())
        var seen: [String] = []
        try Self.settle(&cluster) { cluster in
            #expect(cluster[.pod].count { !$0.isReadyPod } <= 1)
            for pod in cluster[.pod] where !seen.contains(pod.name) { seen.append(pod.name) }
        }
        #expect(seen == ["db-0", "db-1", "db-2"])
        let pod = try #require(cluster[.pod, "db-1"])
        #expect(pod.spec?["hostname"] == "db-1" && pod.spec?["subdomain"] == "db")
        #expect(
            pod.label("statefulset.kubernetes.io/pod-name") == "db-1"
                && pod.label("apps.kubernetes.io/pod-index") == "1")
        let status = cluster[.statefulSet, "db"]?.status
        #expect(status?["readyReplicas"] == 3 && status?["currentReplicas"] == 3)
        #expect(status?["currentRevision"] == status?["updateRevision"])
        cluster.change(.statefulSet, "db") { $0[path: "spec", "replicas"] = 1 }
        try Self.run(&cluster)
        #expect(cluster[.pod].map(\.name) == ["db-0", "db-1"], "one at a time")
        try Self.settle(&cluster)
        #expect(cluster[.pod].map(\.name) == ["db-0"])
    }

    @Test func parallelSetsDoNotWait() throws {
        var cluster = MiniCluster()
        cluster.add(.statefulSet, Self.set(["podManagementPolicy": "Parallel"]))
        try Self.run(&cluster)
        #expect(cluster[.pod].count == 3)
        cluster.change(.statefulSet, "db") { $0[path: "spec", "replicas"] = 0 }
        try Self.run(&cluster)
        #expect(cluster[.pod].isEmpty)
    }

    @Test func aRollBeginsAtTheEndAndKeepsThePartition() throws {
        var cluster = MiniCluster()
        cluster.add(
            .statefulSet, Self.set(["updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["partition": 1]]]))
        try Self.settle(&cluster)
        let first = cluster[.statefulSet, "db"]?.status?["currentRevision"]
        Self.update(&cluster, "v2")
        try Self.settle(&cluster) { #expect($0[.pod].count { $0.isReadyPod } >= 2) }
        #expect(Self.images(cluster) == ["v1", "v2", "v2"])
        #expect(cluster[.statefulSet, "db"]?.status?["currentRevision"] == first)
        #expect(cluster[.statefulSet, "db"]?.status?["updatedReplicas"] == 2)
        // A pod below the partition comes back as it was.
        cluster.remove(.pod, "db-0")
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == ["v1", "v2", "v2"])
        cluster.change(.statefulSet, "db") { $0[path: "spec", "updateStrategy", "rollingUpdate", "partition"] = 0 }
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == ["v2", "v2", "v2"])
        let status = cluster[.statefulSet, "db"]?.status
        #expect(status?["currentRevision"] == status?["updateRevision"] && status?["currentRevision"] != first)
    }

    @Test func numbersBeginWhereTheSetSays() throws {
        var cluster = MiniCluster()
        let rolling: JSONValue = ["type": "RollingUpdate", "rollingUpdate": ["partition": 2]]
        cluster.add(.statefulSet, Self.set(["ordinals": ["start": 5], "updateStrategy": rolling]))
        try Self.settle(&cluster)
        #expect(cluster[.pod].map(\.name) == ["db-5", "db-6", "db-7"])
        // The partition counts from there.
        Self.update(&cluster, "v2")
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == ["v1", "v1", "v2"])
        cluster.change(.statefulSet, "db") { $0[path: "spec", "ordinals", "start"] = 6 }
        try Self.settle(&cluster)
        #expect(cluster[.pod].map(\.name) == ["db-6", "db-7", "db-8"])
    }

    @Test(arguments: [(1, 1), (2, 2), ("10%", 1), ("50%", 2), ("70%", 2), ("100%", 4)] as [(JSONValue, Int)])
    func aRollMissesAsManyAsItMay(limit: JSONValue, missing: Int) throws {
        var cluster = MiniCluster()
        let rolling: JSONValue = ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": limit]]
        cluster.add(.statefulSet, Self.set(["replicas": 4, "updateStrategy": rolling]))
        try Self.settle(&cluster)
        Self.update(&cluster, "v2")
        var least = 4
        try Self.settle(&cluster) { least = min(least, $0[.pod].count(where: \.isReadyPod)) }
        #expect(least == 4 - missing && Self.images(cluster) == ["v2", "v2", "v2", "v2"])
    }

    @Test func aRollBackTakesTheOldRevisionUpAgain() throws {
        var cluster = MiniCluster()
        cluster.add(.statefulSet, Self.set())
        try Self.settle(&cluster)
        let first = cluster[.statefulSet, "db"]?.status?["currentRevision"]
        Self.update(&cluster, "v2")
        try Self.settle(&cluster)
        Self.update(&cluster, "v1")
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == ["v1", "v1", "v1"])
        #expect(cluster[.statefulSet, "db"]?.status?["currentRevision"] == first)
        #expect(cluster[.controllerRevision].compactMap { $0["revision"]?.integer }.sorted() == [2, 3])
    }

    @Test func claimsOutliveTheirPods() throws {
        var cluster = MiniCluster()
        let templates: JSONValue = [["metadata": ["name": "data"], "spec": ["accessModes": ["ReadWriteOnce"]]]]
        cluster.add(.statefulSet, Self.set(["volumeClaimTemplates": templates]))
        try Self.settle(&cluster)
        #expect(cluster[.persistentVolumeClaim].map(\.name) == ["data-db-0", "data-db-1", "data-db-2"])
        let volume = cluster[.pod, "db-2"]?.spec?["volumes"]?.array?.first
        #expect(volume?["persistentVolumeClaim"]?["claimName"] == "data-db-2")
        cluster.change(.statefulSet, "db") { $0[path: "spec", "replicas"] = 1 }
        try Self.settle(&cluster)
        cluster.change(.statefulSet, "db") { $0[path: "spec", "replicas"] = 3 }
        try Self.settle(&cluster)
        #expect(cluster[.persistentVolumeClaim].count == 3)
    }

    @Test func aFailedPodIsReplacedUnderItsName() throws {
        var cluster = MiniCluster()
        cluster.add(.statefulSet, Self.set())
        try Self.settle(&cluster)
        let uid = cluster[.pod, "db-1"]?.uid
        cluster.change(.pod, "db-1") { $0[path: "status", "phase"] = "Failed" }
        try Self.settle(&cluster)
        #expect(cluster[.pod].count == 3 && cluster[.pod, "db-1"]?.uid != uid)
    }

    private static func owners(_ cluster: MiniCluster, _ claim: String) -> [String] {
        (cluster[.persistentVolumeClaim, claim]?.metadata?["ownerReferences"]?.array ?? []).compactMap {
            $0["kind"]?.string
        }
    }

    @Test func claimsGoWithTheSetOrWithThePodsThatAreTooMany() throws {
        var cluster = MiniCluster()
        cluster.add(
            .statefulSet,
            Self.set([
                "volumeClaimTemplates": [["metadata": ["name": "data"], "spec": .emptyObject]],
                "persistentVolumeClaimRetentionPolicy": ["whenDeleted": "Delete", "whenScaled": "Delete"],
            ]))
        try Self.settle(&cluster)
        #expect((0..<3).allSatisfy { Self.owners(cluster, "data-db-\($0)") == ["StatefulSet"] })
        cluster.change(.statefulSet, "db") { $0[path: "spec", "replicas"] = 2 }
        try Self.settle(&cluster)
        #expect(cluster[.pod].map(\.name) == ["db-0", "db-1"])
        #expect(Self.owners(cluster, "data-db-2") == ["Pod"], "before the pod was deleted")
        // The pod does not come back before the claim is gone.
        cluster.change(.statefulSet, "db") { $0[path: "spec", "replicas"] = 3 }
        try Self.settle(&cluster)
        #expect(cluster[.pod].map(\.name) == ["db-0", "db-1"])
        cluster.remove(.persistentVolumeClaim, "data-db-2")
        try Self.settle(&cluster)
        #expect(cluster[.pod].count == 3 && Self.owners(cluster, "data-db-2") == ["StatefulSet"])
        // Nothing goes any more when the policy changes.
        cluster.change(.statefulSet, "db") { $0[path: "spec", "persistentVolumeClaimRetentionPolicy"] = nil }
        try Self.settle(&cluster)
        #expect((0..<3).allSatisfy { Self.owners(cluster, "data-db-\($0)").isEmpty })
    }

    @Test(arguments: [
        ("Failed", "RecreatingFailedPod: StatefulSet n/db is recreating failed Pod db-1"),
        ("Succeeded", "RecreatingTerminatedPod: StatefulSet n/db is recreating terminated Pod db-1"),
    ])
    func whyAPodIsMadeAnewIsTold(phase: String, event: String) throws {
        var cluster = MiniCluster()
        cluster.add(.statefulSet, Self.set())
        try Self.settle(&cluster)
        cluster.change(.pod, "db-1") { $0[path: "status", "phase"] = .string(phase) }
        try Self.settle(&cluster)
        #expect(cluster.events.contains(event))
    }

    /// A claim that somebody deleted before its pod could run comes back.
    @Test func aPodThatWaitsGetsItsClaimAnew() throws {
        var cluster = MiniCluster()
        let templates: JSONValue = [["metadata": ["name": "data"], "spec": ["accessModes": ["ReadWriteOnce"]]]]
        cluster.add(.statefulSet, Self.set(["volumeClaimTemplates": templates, "replicas": 1]))
        try Self.run(&cluster)
        cluster.change(.pod, "db-0") { $0[path: "status", "phase"] = "Pending" }
        cluster.remove(.persistentVolumeClaim, "data-db-0")
        try Self.run(&cluster)
        #expect(cluster[.persistentVolumeClaim].map(\.name) == ["data-db-0"])
        cluster.setReady("db-0")
        cluster.remove(.persistentVolumeClaim, "data-db-0")
        try Self.run(&cluster)
        #expect(cluster[.persistentVolumeClaim].isEmpty, "a pod that runs has its volume")
    }

    @Test(arguments: [("db-1", true), ("db-01", false), ("db-", false), ("db-x", false), ("other-1", false)])
    func onlyPodsWithNumbersAreMembers(name: String, isMember: Bool) {
        var cluster = MiniCluster()
        let set = cluster.add(.statefulSet, Self.set())
        let pod = cluster.add(.pod, ["metadata": ["name": .string(name)]])
        #expect(StatefulSets.isMember(pod, of: set) == isMember)
    }
}
