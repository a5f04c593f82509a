import ControllerCore
import KubeAPI
import Testing

@Suite struct ReplicaSetTests {
    private static let set: JSONValue = [
        "metadata": ["name": "web"],
        "spec": [
            "replicas": 3, "minReadySeconds": 10, "selector": ["matchLabels": ["app": "web"]],
            "template": ["metadata": ["labels": ["app": "web"]], "spec": ["containers": []]],
        ],
    ]

    @Test func thereAreAsManyPodsAsWanted() throws {
        var cluster = MiniCluster()
        cluster.add(.replicaSet, Self.set)
        try cluster.runReplicaSets()
        #expect(cluster[.pod].count == 3)
        #expect(cluster.events.filter { $0.hasPrefix("SuccessfulCreate: Created pod: web-") }.count == 3)
        let reference = try #require(cluster[.pod].first?.controller)
        #expect(reference.kind == "ReplicaSet" && reference.name == "web" && reference.blocksOwnerDeletion)
        cluster.change(.replicaSet, "web") { $0[path: "spec", "replicas"] = 1 }
        try cluster.runReplicaSets()
        #expect(cluster[.pod].count == 1)
        try cluster.runReplicaSets()
        let status = cluster[.replicaSet, "web"]?.status
        #expect(status?["replicas"] == 1 && status?["observedGeneration"] == 2)
    }

    @Test func availabilityNeedsItsTime() throws {
        var cluster = MiniCluster()
        cluster.add(.replicaSet, Self.set)
        try cluster.runReplicaSets()
        for pod in cluster[.pod] { cluster.setReady(pod.name) }
        let set = try #require(cluster[.replicaSet, "web"])
        let early = ReplicaSets.status(set, .replicaSet, pods: cluster[.pod], now: cluster.now)
        #expect(early.requeueAfter == .seconds(10))
        try cluster.perform(early)
        #expect(cluster[.replicaSet, "web"]?.status?["readyReplicas"] == 3)
        #expect(cluster[.replicaSet, "web"]?.status?["availableReplicas"] == 0)
        cluster.pass(seconds: 10)
        try cluster.runReplicaSets()
        #expect(cluster[.replicaSet, "web"]?.status?["availableReplicas"] == 3)
    }

    @Test func theLeastUsefulPodGoesFirst() throws {
        var cluster = MiniCluster()
        func pod(_ name: String, node: String, ready: Bool?, cost: String? = nil) {
            var json: JSONValue = ["metadata": ["name": .string(name)], "spec": ["nodeName": .string(node)]]
            if let cost {
                json[path: "metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost"] = .string(cost)
            }
            cluster.add(.pod, json)
            if let ready { cluster.setReady(name, ready) }
            cluster.pass(seconds: 1)
        }
        pod("old", node: "a", ready: true)
        pod("dear", node: "a", ready: true, cost: "100")
        pod("young", node: "a", ready: true)
        pod("crowded", node: "b", ready: true)
        pod("unready", node: "a", ready: false)
        pod("pending", node: "a", ready: nil)
        pod("unbound", node: "", ready: nil)
        let order = (1...6).map { count in
            RemovalRank.first(count, of: cluster[.pod], companions: { $0 == "b" ? 5 : 3 }).last?.name
        }
        #expect(order == ["unbound", "pending", "unready", "crowded", "young", "old"])
    }

    /// An old and a new set of one Deployment share a node: there one of them goes first.
    @Test func podsOfAllSetsOfTheOwnerCountAsCompanions() throws {
        var cluster = MiniCluster()
        func pod(_ name: String, on node: String) -> APIObject {
            cluster.add(.pod, ["metadata": ["name": .string(name)], "spec": ["nodeName": .string(node)]])
            cluster.setReady(name)
            return cluster[.pod, name] ?? cluster[.pod][0]
        }
        let old = [pod("a", on: "crowded"), pod("b", on: "quiet")]
        let new = [pod("c", on: "crowded"), pod("d", on: "crowded")]
        var json = Self.set
        json[path: "spec", "replicas"] = 1
        let set = cluster.add(.replicaSet, json)
        var asked = 0
        let scaling = ReplicaSets.scale(set, .replicaSet, pods: old) {
            asked += 1
            return old + new
        }
        #expect(scaling.deletedUIDs == [old[0].uid] && asked == 1)
        _ = ReplicaSets.scale(set, .replicaSet, pods: [old[0]]) {
            asked += 1
            return []
        }
        #expect(asked == 1, "nobody counts companions while nothing goes")
    }

    @Test func whatMatchesIsAdoptedAndWhatDoesNotIsLetGo() throws {
        var cluster = MiniCluster()
        let set = cluster.add(.replicaSet, Self.set)
        let mine = OwnerReference(set, .replicaSet).json
        cluster.add(.pod, ["metadata": ["name": "mine", "labels": ["app": "web"], "ownerReferences": [mine]]])
        cluster.add(.pod, ["metadata": ["name": "changed", "labels": ["app": "x"], "ownerReferences": [mine]]])
        cluster.add(.pod, ["metadata": ["name": "orphan", "labels": ["app": "web"]]])
        cluster.add(.pod, ["metadata": ["name": "stranger", "labels": ["app": "y"]]])
        let claims = Claims(
            of: set, .replicaSet, selector: ReplicaSets.selector(set, .replicaSet), kind: .pod,
            candidates: cluster[.pod])
        #expect(Set(claims.owned.map(\.name)) == ["mine", "orphan"])
        #expect(claims.writes.count == 2)
        var gone = set
        gone[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
        let late = Claims(
            of: gone, .replicaSet, selector: ReplicaSets.selector(set, .replicaSet), kind: .pod,
            candidates: cluster[.pod])
        #expect(late.writes.isEmpty && late.owned.map(\.name) == ["mine"])
    }

    @Test func failuresAreToldAndTakenBack() throws {
        var cluster = MiniCluster()
        let set = cluster.add(.replicaSet, Self.set)
        let failure = ReplicaSets.failure(creating: true, "exceeded quota")
        try cluster.perform(ReplicaSets.status(set, .replicaSet, pods: [], failure: failure, now: cluster.now))
        let told = Conditions.find("ReplicaFailure", in: cluster[.replicaSet, "web"]?.status)
        #expect(told?["reason"] == "FailedCreate" && told?["message"] == "exceeded quota")
        try cluster.runReplicaSets()
        #expect(Conditions.find("ReplicaFailure", in: cluster[.replicaSet, "web"]?.status) == nil)
    }
}
