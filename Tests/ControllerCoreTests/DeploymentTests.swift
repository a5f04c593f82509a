import ControllerCore
import KubeAPI
import Testing

@Suite struct DeploymentTests {
    private static func deployment(
        replicas: Int64 = 4, surge: JSONValue = 1, unavailable: JSONValue = 1, strategy: String = "RollingUpdate"
    ) -> JSONValue {
        var spec: JSONValue = [
            "replicas": .integer(replicas), "selector": ["matchLabels": ["app": "web"]], "revisionHistoryLimit": 2,
            "progressDeadlineSeconds": 600, "strategy": ["type": .string(strategy)],
            "template": template("v1"),
        ]
        if strategy == "RollingUpdate" {
            spec[path: "strategy", "rollingUpdate"] = ["maxSurge": surge, "maxUnavailable": unavailable]
        }
        return ["metadata": ["name": "web"], "spec": spec]
    }

    private static func template(_ image: String) -> JSONValue {
        [
            "metadata": ["labels": ["app": "web"]],
            "spec": ["containers": [["name": "c", "image": .string(image)]]],
        ]
    }

    /// Runs until nothing changes; pods become ready unless their image says `bad`. `check` sees every state.
    private static func settle(_ cluster: inout MiniCluster, check: (MiniCluster) -> Void = { _ in }) throws {
        for _ in 0..<200 {
            let before = cluster.writes.count
            try cluster.runDeployment("web")
            try cluster.runReplicaSets()
            check(cluster)
            if cluster.writes.count == before {
                // Nothing to do but for the pods that are not ready yet: one of them is now.
                let waiting = cluster[.pod].first { pod in
                    !pod.isReadyPod && pod.spec?["containers"]?.array?.first?["image"] != "bad"
                }
                guard let waiting else { return }
                cluster.setReady(waiting.name)
            }
        }
        Issue.record("it does not come to rest")
    }

    private static func images(_ cluster: MiniCluster) -> [String] {
        cluster[.pod].compactMap { $0.spec?["containers"]?.array?.first?["image"]?.string }.sorted()
    }

    private static func reason(_ cluster: MiniCluster, _ type: String = "Progressing") -> String? {
        Conditions.find(type, in: cluster[.deployment, "web"]?.status)?["reason"]?.string
    }

    private static func started(_ json: JSONValue = deployment()) throws -> MiniCluster {
        var cluster = MiniCluster()
        cluster.add(.deployment, json)
        try settle(&cluster)
        return cluster
    }

    @Test func aDeploymentMakesItsPods() throws {
        let cluster = try Self.started()
        #expect(Self.images(cluster) == ["v1", "v1", "v1", "v1"])
        let set = try #require(cluster[.replicaSet].first)
        let hash = try #require(set.label("pod-template-hash"))
        #expect(set.name == "web-\(hash)" && set.annotation("deployment.kubernetes.io/revision") == "1")
        #expect(set.spec?["selector"]?["matchLabels"]?["pod-template-hash"]?.string == hash)
        #expect(cluster[.pod].allSatisfy { $0.label("pod-template-hash") == hash })
        let deployment = try #require(cluster[.deployment, "web"])
        #expect(deployment.annotation("deployment.kubernetes.io/revision") == "1")
        #expect(deployment.status?["availableReplicas"] == 4 && deployment.status?["observedGeneration"] == 1)
        #expect(Self.reason(cluster) == "NewReplicaSetAvailable")
        #expect(Self.reason(cluster, "Available") == "MinimumReplicasAvailable")
        #expect(cluster.events.contains("ScalingReplicaSet: Scaled up replica set \(set.name) from 0 to 4"))
    }

    @Test(
        arguments: [
            (1, 1), (2, 0), (0, 1), ("25%", "25%"), ("100%", 0), (0, "100%"), (0, 0),
        ] as [(JSONValue, JSONValue)])
    func aRollKeepsItsBounds(surge: JSONValue, unavailable: JSONValue) throws {
        var cluster = try Self.started(Self.deployment(surge: surge, unavailable: unavailable))
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("v2") }
        let most = 4 + (IntOrPercent.scaled(surge, of: 4, roundingUp: true) ?? 0)
        let spare = IntOrPercent.scaled(unavailable, of: 4, roundingUp: false) ?? 0
        let least = 4 - (most == 4 && spare == 0 ? 1 : spare)
        try Self.settle(&cluster) { cluster in
            #expect(cluster[.pod].count <= most)
            #expect(cluster[.pod].count { $0.isReadyPod } >= least)
        }
        #expect(Self.images(cluster) == ["v2", "v2", "v2", "v2"])
        #expect(cluster[.deployment, "web"]?.annotation("deployment.kubernetes.io/revision") == "2")
        #expect(Self.reason(cluster) == "NewReplicaSetAvailable")
    }

    @Test func aRollBackTakesTheOldSetUpAgain() throws {
        var cluster = try Self.started()
        let first = try #require(cluster[.replicaSet].first?.name)
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("v2") }
        try Self.settle(&cluster)
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("v1") }
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == ["v1", "v1", "v1", "v1"])
        let set = try #require(cluster[.replicaSet, first])
        #expect(set.annotation("deployment.kubernetes.io/revision") == "3")
        #expect(set.annotation("deployment.kubernetes.io/revision-history") == "1")
        #expect(cluster[.replicaSet].count == 2)
    }

    @Test func oldSetsBeyondTheHistoryGo() throws {
        var cluster = try Self.started()
        for version in 2...6 {
            cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("v\(version)") }
            cluster.pass(seconds: 1)
            try Self.settle(&cluster)
        }
        #expect(cluster[.replicaSet].count == 3)
        let revisions = cluster[.replicaSet].compactMap { $0.annotation("deployment.kubernetes.io/revision") }
        #expect(revisions.sorted() == ["4", "5", "6"])
    }

    @Test func aBadImageStopsTheRollAndIsLateAtItsDeadline() throws {
        var cluster = try Self.started()
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("bad") }
        try Self.settle(&cluster)
        #expect(Self.images(cluster).filter { $0 == "v1" }.count == 3, "\(Self.images(cluster))")
        #expect(Self.reason(cluster) == "ReplicaSetUpdated")
        cluster.pass(seconds: 601)
        try Self.settle(&cluster)
        #expect(Self.reason(cluster) == "ProgressDeadlineExceeded")
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("v1") }
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == ["v1", "v1", "v1", "v1"])
        #expect(Self.reason(cluster) == "NewReplicaSetAvailable")
    }

    @Test func recreateEndsTheOldBeforeTheNewBegins() throws {
        var cluster = try Self.started(Self.deployment(strategy: "Recreate"))
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("v2") }
        try Self.settle(&cluster) { #expect(Set(Self.images($0)).count <= 1) }
        #expect(Self.images(cluster) == ["v2", "v2", "v2", "v2"])
    }

    @Test func aPausedDeploymentScalesButDoesNotRoll() throws {
        var cluster = try Self.started()
        cluster.change(.deployment, "web") {
            $0[path: "spec", "paused"] = true
            $0[path: "spec", "template"] = Self.template("v2")
        }
        try Self.settle(&cluster)
        #expect(Self.reason(cluster) == "DeploymentPaused")
        #expect(Self.images(cluster) == ["v1", "v1", "v1", "v1"])
        cluster.change(.deployment, "web") { $0[path: "spec", "replicas"] = 6 }
        try Self.settle(&cluster)
        #expect(Self.images(cluster).count == 6 && !Self.images(cluster).contains("v2"))
        cluster.change(.deployment, "web") { $0[path: "spec", "paused"] = nil }
        try Self.settle(&cluster)
        #expect(Self.images(cluster) == Array(repeating: "v2", count: 6))
        #expect(Self.reason(cluster) == "NewReplicaSetAvailable")
    }

    @Test func scalingDuringARollKeepsProportions() throws {
        var cluster = try Self.started(Self.deployment(replicas: 10, surge: 3, unavailable: 2))
        cluster.change(.deployment, "web") { $0[path: "spec", "template"] = Self.template("bad") }
        try Self.settle(&cluster)
        let before = Dictionary(grouping: Self.images(cluster)) { $0 }.mapValues(\.count)
        #expect(before == ["v1": 8, "bad": 5])
        cluster.change(.deployment, "web") { $0[path: "spec", "replicas"] = 15 }
        try Self.settle(&cluster)
        let after = Dictionary(grouping: Self.images(cluster)) { $0 }.mapValues(\.count)
        #expect(after == ["v1": 11, "bad": 7], "as in the Kubernetes documentation of proportional scaling")
    }

    @Test func atRestNothingIsWritten() throws {
        var cluster = try Self.started()
        let before = cluster.writes.count
        cluster.pass(seconds: 10_000)
        try Self.settle(&cluster)
        #expect(cluster.writes.count == before)
    }

    @Test func aNameTakenByAnotherTemplateGetsAnotherHash() throws {
        var cluster = MiniCluster()
        let deployment = cluster.add(.deployment, Self.deployment())
        let other = cluster.add(.replicaSet, ["metadata": ["name": "web-x"], "spec": ["template": Self.template("y")]])
        let decision = Deployments.collided(deployment, with: other)
        try cluster.perform(decision)
        #expect(cluster[.deployment, "web"]?.status?["collisionCount"] == 1)
        #expect(PodTemplate.hash(Self.template("v1")) != PodTemplate.hash(Self.template("v1"), collisions: 1))
    }

    @Test func withoutADeadlineNobodyTellsOfProgress() throws {
        var json = Self.deployment()
        json[path: "spec", "progressDeadlineSeconds"] = .integer(Int64(Int32.max))
        var cluster = try Self.started(json)
        #expect(Self.reason(cluster) == nil && Self.reason(cluster, "Available") == "MinimumReplicasAvailable")
        cluster.change(.deployment, "web") { $0[path: "spec", "progressDeadlineSeconds"] = 600 }
        try Self.settle(&cluster)
        #expect(Self.reason(cluster) != nil)
        cluster.change(.deployment, "web") { $0[path: "spec", "progressDeadlineSeconds"] = .integer(Int64(Int32.max)) }
        try Self.settle(&cluster)
        #expect(Self.reason(cluster) == nil)
    }

    @Test func aSetThatCannotBeMadeIsNoProgress() throws {
        var cluster = MiniCluster()
        let deployment = cluster.add(.deployment, Self.deployment())
        try cluster.perform(Deployments.failed(deployment, creating: "web-x", "forbidden: quota", now: cluster.now))
        let progress = Conditions.find("Progressing", in: cluster[.deployment, "web"]?.status)
        #expect(progress?["status"] == "False" && progress?["reason"] == "ReplicaSetCreateError")
        #expect(progress?["message"] == "Failed to create new replica set \"web-x\": forbidden: quota")
    }
}
