import ControllerCore
import KubeAPI
import Testing

/// ResourceQuotas, PodDisruptionBudgets and aggregated roles.
@Suite struct BudgetTests {
    private static func pod(_ name: String, cpu: String = "1", phase: String = "Running") -> JSONValue {
        [
            "metadata": [
                "name": .string(name), "labels": ["app": "web"],
                "ownerReferences": [
                    ["apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "owner", "controller": true]
                ],
            ],
            "spec": ["containers": [["name": "c", "resources": ["requests": ["cpu": .string(cpu)]]]]],
            "status": ["phase": .string(phase)],
        ]
    }

    private static func quota(_ hard: JSONValue, used: JSONValue? = nil) -> JSONValue {
        var quota: JSONValue = ["metadata": ["name": "q"], "spec": ["hard": hard]]
        if let used { quota[path: "status"] = ["hard": hard, "used": used] }
        return quota
    }

    private static func count(_ cluster: MiniCluster, more: [ResourceQuotas.Counted] = []) throws -> Decision {
        let quota = try #require(cluster[.resourceQuota, "q"])
        let kinds = ResourceQuotas.limitedKinds(quota)
        return ResourceQuotas.decide(quota, counted: kinds.map { .init($0, cluster[$0]) } + more)
    }

    @Test func aQuotaCountsWhatIsThere() throws {
        var cluster = MiniCluster()
        cluster.add(
            .resourceQuota,
            Self.quota(["pods": "5", "requests.cpu": "4", "count/deployments.apps": "1", "services": "2"]))
        for index in 0..<2 { cluster.add(.pod, Self.pod("p\(index)", cpu: "500m")) }
        cluster.add(.pod, Self.pod("done", phase: "Succeeded"))
        cluster.add(.deployment, ["metadata": ["name": "d"]])
        try cluster.perform(Self.count(cluster))
        let used = cluster[.resourceQuota, "q"]?.status?["used"]
        #expect(
            used?.isEquivalent(
                to: ["pods": "2", "requests.cpu": "1", "count/deployments.apps": "1", "services": "0"]) == true)
        // The second look finds nothing to write.
        #expect(try Self.count(cluster).actions.isEmpty)
        cluster.remove(.pod, "p0")
        try cluster.perform(Self.count(cluster))
        #expect(cluster[.resourceQuota, "q"]?.status?["used"]?["requests.cpu"] == "500m")
    }

    @Test func aQuotaOfAnyKindIsCountedWhenItIsKnown() throws {
        var cluster = MiniCluster()
        let name = "count/cars.example.org"
        let quota = cluster.add(.resourceQuota, Self.quota([name: "3"], used: [name: "2"]))
        #expect(ResourceQuotas.otherCounts(quota) == [name] && ResourceQuotas.limitedKinds(quota).isEmpty)
        // What was charged stays as long as nobody can count.
        #expect(try Self.count(cluster).actions.isEmpty)
        let cars = APIKind("Car", GroupVersionResource(group: "example.org", resource: "cars"))
        cluster.add(cars, ["metadata": ["name": "a"]])
        try cluster.perform(Self.count(cluster, more: [.init(cars, cluster[cars])]))
        #expect(cluster[.resourceQuota, "q"]?.status?["used"] == [name: "1"])
    }

    @Test func whatIsNoLongerLimitedIsNoLongerTold() throws {
        var cluster = MiniCluster()
        cluster.add(.resourceQuota, Self.quota(["pods": "5"], used: ["pods": "0", "secrets": "7"]))
        try cluster.perform(Self.count(cluster))
        #expect(cluster[.resourceQuota, "q"]?.status?["used"] == ["pods": "0"])
    }

    @Test(
        arguments: [
            ("pods", [APIKind.pod]), ("requests.cpu", [.pod]), ("hugepages-2Mi", [.pod]), ("count/pods", [.pod]),
            ("services.nodeports", [.service]), ("requests.storage", [.persistentVolumeClaim]),
            ("gold.storageclass.storage.k8s.io/requests.storage", [.persistentVolumeClaim]), ("secrets", [.secret]),
            ("count/jobs.batch", [.job]), ("count/cars.example.org", []),
        ] as [(String, [APIKind])])
    func namesLeadToKinds(name: String, kinds: [APIKind]) throws {
        var cluster = MiniCluster()
        let quota = cluster.add(.resourceQuota, Self.quota([name: "1"]))
        #expect(ResourceQuotas.limitedKinds(quota) == kinds)
    }

    // MARK: - Disruption

    private static func budget(_ spec: JSONValue, _ status: JSONValue = .emptyObject) -> JSONValue {
        var spec = spec
        spec[path: "selector"] = ["matchLabels": ["app": "web"]]
        return ["metadata": ["name": "b"], "spec": spec, "status": status]
    }

    private static func judge(
        _ cluster: inout MiniCluster, scale: Int64? = nil
    ) throws -> (JSONValue?, wait: Duration?) {
        let budget = try #require(cluster[.podDisruptionBudget, "b"])
        let decision = DisruptionBudgets.decide(
            budget, pods: cluster[.pod], scale: { _ in scale.map { ("owner", $0) } }, now: cluster.now)
        try cluster.perform(decision)
        return (cluster[.podDisruptionBudget, "b"]?.status, decision.requeueAfter)
    }

    private static func cluster(_ spec: JSONValue, ready: Int, of count: Int) -> MiniCluster {
        var cluster = MiniCluster()
        cluster.add(.podDisruptionBudget, budget(spec))
        for index in 0..<count {
            cluster.add(.pod, pod("p\(index)"))
            if index < ready { cluster.setReady("p\(index)") }
        }
        return cluster
    }

    @Test(
        arguments: [
            (["minAvailable": 2], 3, 4, 4, 2, 1), (["minAvailable": 2], 1, 4, 4, 2, 0),
            (["maxUnavailable": 1], 5, 5, 5, 4, 1), (["maxUnavailable": 1], 4, 5, 5, 4, 0),
            (["minAvailable": "50%"], 5, 5, 5, 3, 2), (["maxUnavailable": "30%"], 5, 5, 5, 3, 2),
        ] as [(JSONValue, Int, Int, Int64, Int64, Int64)])
    func aBudgetAllowsWhatIsToSpare(
        spec: JSONValue, ready: Int, count: Int, expected: Int64, desired: Int64, allowed: Int64
    ) throws {
        var cluster = Self.cluster(spec, ready: ready, of: count)
        let (status, _) = try Self.judge(&cluster, scale: Int64(count))
        #expect(status?["expectedPods"] == .integer(expected) && status?["desiredHealthy"] == .integer(desired))
        #expect(status?["currentHealthy"] == .integer(Int64(ready)))
        #expect(status?["disruptionsAllowed"]?.integer ?? 0 == allowed)
        let condition = Conditions.find("DisruptionAllowed", in: status)
        #expect(condition?["reason"] == (allowed > 0 ? "SufficientPods" : "InsufficientPods"))
    }

    /// Owners of other kinds are asked only where their number matters.
    @Test(
        arguments: [
            (["minAvailable": 2], []), ([:], []), (["minAvailable": "50%"], ["p0", "p1"]),
            (["maxUnavailable": 1], ["p0", "p1"]),
        ] as [(JSONValue, [String])])
    func ownersAreAskedForWhatTheyWant(spec: JSONValue, names: [String]) throws {
        var cluster = Self.cluster(spec, ready: 2, of: 2)
        cluster.add(.pod, Self.pod("done", phase: "Succeeded"))
        cluster.add(.pod, ["metadata": ["name": "stranger"]])
        let budget = try #require(cluster[.podDisruptionBudget, "b"])
        #expect(DisruptionBudgets.podsToScale(budget, pods: cluster[.pod]).map(\.name) == names)
    }

    @Test func anEvictionThatWasGrantedCountsUntilItIsMadeOrForgotten() throws {
        var cluster = Self.cluster(["minAvailable": 2], ready: 3, of: 3)
        let now = Timestamp.text(cluster.now)
        cluster.change(.podDisruptionBudget, "b") { $0["status"] = ["disruptedPods": ["p0": now]] }
        let (status, wait) = try Self.judge(&cluster)
        #expect(status?["currentHealthy"] == 2 && status?["disruptionsAllowed"]?.integer ?? 0 == 0)
        #expect(wait == .seconds(120))
        cluster.pass(seconds: 121)
        let (later, _) = try Self.judge(&cluster)
        #expect(later?["currentHealthy"] == 3 && later?["disruptionsAllowed"] == 1)
        #expect(later?["disruptedPods"] == nil)
    }

    // MARK: - Roles

    @Test func aRoleIsMadeOfThoseItSelects() throws {
        func role(_ name: String, _ labels: JSONValue, _ resource: String) -> JSONValue {
            [
                "metadata": ["name": .string(name), "labels": labels],
                "rules": [["verbs": ["get"], "resources": [.string(resource)]]],
            ]
        }
        var cluster = MiniCluster()
        cluster.add(
            .clusterRole,
            [
                "metadata": ["name": "all"],
                "aggregationRule": [
                    "clusterRoleSelectors": [["matchLabels": ["a": "1"]], ["matchLabels": ["b": "1"]]]
                ],
            ])
        cluster.add(.clusterRole, role("z", ["a": "1"], "pods"))
        cluster.add(.clusterRole, role("y", ["b": "1"], "nodes"))
        cluster.add(.clusterRole, role("x", ["b": "1", "a": "1"], "pods"))
        cluster.add(.clusterRole, role("w", ["c": "1"], "secrets"))
        let all = try #require(cluster[.clusterRole, "all"])
        try cluster.perform(RoleAggregation.decide(all, all: cluster[.clusterRole]))
        let made = try #require(cluster[.clusterRole, "all"])
        // By name, each rule once.
        #expect(
            made["rules"] == [
                ["verbs": ["get"], "resources": ["pods"]], ["verbs": ["get"], "resources": ["nodes"]],
            ])
        #expect(RoleAggregation.decide(made, all: cluster[.clusterRole]).actions.isEmpty)
        let plain = try #require(cluster[.clusterRole, "w"])
        #expect(RoleAggregation.decide(plain, all: cluster[.clusterRole]).actions.isEmpty)
    }

    /// Nobody says how many of them there are to be.
    @Test func podsWithoutAControllerAreSpare() throws {
        var cluster = Self.cluster(["maxUnavailable": 1], ready: 3, of: 3)
        cluster.change(.pod, "p2") { $0[path: "metadata", "ownerReferences"] = nil }
        let (status, _) = try Self.judge(&cluster, scale: 2)
        #expect(status?["expectedPods"] == 2 && status?["desiredHealthy"] == 1 && status?["currentHealthy"] == 3)
        let event = try #require(cluster.events.last)
        #expect(event.hasPrefix("UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: app"))
        for name in ["p0", "p1"] { cluster.remove(.pod, name) }
        let (alone, _) = try Self.judge(&cluster)
        #expect(alone?["disruptionsAllowed"]?.integer ?? 0 == 0, "a budget for nobody allows nothing")
    }

    @Test func aControllerThatDoesNotSayAllowsNothing() throws {
        var cluster = Self.cluster(["maxUnavailable": 1], ready: 3, of: 3)
        #expect(try Self.judge(&cluster, scale: 3).0?["disruptionsAllowed"] == 1)
        let (status, _) = try Self.judge(&cluster, scale: nil)
        #expect(status?["disruptionsAllowed"]?.integer ?? 0 == 0)
        let condition = Conditions.find("DisruptionAllowed", in: status)
        #expect(condition?["reason"] == "SyncFailed" && condition?["status"] == "False")
        #expect(condition?["message"] == "found no controllers for pod \"p0\"")
        #expect(
            cluster.events.last
                == "CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: "
                + "found no controllers for pod \"p0\"")
    }

    @Test func aBudgetForNobodySaysSo() throws {
        var cluster = Self.cluster(["minAvailable": 1], ready: 0, of: 0)
        _ = try Self.judge(&cluster)
        #expect(cluster.events == ["NoPods: No matching pods found"])
    }

    /// What was announced and did not come is taken back; what a node announces stays.
    @Test(arguments: [("EvictionByEvictionAPI", true), ("TerminationByKubelet", false)])
    func anAnnouncementThatComesToNothingIsTakenBack(reason: String, isTakenBack: Bool) throws {
        var cluster = MiniCluster()
        var json = Self.pod("p")
        let now = cluster.now
        var status = json["status"] ?? .emptyObject
        Conditions.set(Condition("DisruptionTarget", true, reason), in: &status, now: now)
        json[path: "status"] = status
        let pod = cluster.add(.pod, json)
        #expect(StaleDisruptions.decide(pod, now: now).requeueAfter == (isTakenBack ? .seconds(120) : nil))
        cluster.pass(seconds: 120)
        try cluster.perform(StaleDisruptions.decide(pod, now: cluster.now))
        let condition = Conditions.find("DisruptionTarget", in: cluster[.pod, "p"]?.status)
        #expect(condition?["status"] == (isTakenBack ? "False" : "True"))
        #expect(StaleDisruptions.decide(try #require(cluster[.pod, "p"]), now: cluster.now).actions.isEmpty)
    }
}
