import ControllerCore
import KubeAPI
import Testing

@Suite struct NodeTests {
    private static func node(_ cluster: inout MiniCluster, ready: String = "True") {
        cluster.add(
            .node,
            [
                "metadata": ["name": "n1"],
                "status": ["conditions": [["type": "Ready", "status": .string(ready)]]],
            ])
    }

    private static func run(_ cluster: inout MiniCluster, silence: Int64, mayEvict: Bool = true) throws -> Decision {
        let node = try #require(cluster[.node, "n1"])
        let decision = NodeLifecycle.decide(
            node, silence: .seconds(silence), grace: .seconds(40), mayEvict: { mayEvict }, now: cluster.now)
        try cluster.perform(decision)
        return decision
    }

    private static func taints(_ cluster: MiniCluster) -> [String] {
        (cluster[.node, "n1"]?.spec?["taints"]?.array ?? []).map {
            "\($0["key"]?.string?.split(separator: "/").last ?? ""):\($0["effect"]?.string ?? "")"
        }.sorted()
    }

    @Test func aSilentNodeIsUnknownAndTainted() throws {
        var cluster = MiniCluster()
        Self.node(&cluster)
        #expect(try Self.run(&cluster, silence: 10).requeueAfter == .seconds(30) + .milliseconds(100))
        #expect(NodeLifecycle.readiness(try #require(cluster[.node, "n1"])) == "True")
        _ = try Self.run(&cluster, silence: 41)
        let ready = Conditions.find("Ready", in: cluster[.node, "n1"]?.status)
        #expect(ready?["status"] == "Unknown" && ready?["reason"] == "NodeStatusUnknown")
        #expect(ready?["message"] == "Kubelet stopped posting node status.")
        #expect(cluster.events == ["NodeNotReady: Node n1 status is now: NodeNotReady"])
        _ = try Self.run(&cluster, silence: 42, mayEvict: false)
        #expect(Self.taints(cluster) == ["unreachable:NoSchedule"], "evictions have their rate")
        _ = try Self.run(&cluster, silence: 43)
        #expect(Self.taints(cluster) == ["unreachable:NoExecute", "unreachable:NoSchedule"])
        #expect(try Self.run(&cluster, silence: 44).actions.isEmpty)
        cluster.change(.node, "n1") { $0[path: "status", "conditions"] = [["type": "Ready", "status": "False"]] }
        _ = try Self.run(&cluster, silence: 0)
        #expect(Self.taints(cluster) == ["not-ready:NoExecute", "not-ready:NoSchedule"])
        cluster.change(.node, "n1") { $0[path: "status", "conditions"] = [["type": "Ready", "status": "True"]] }
        _ = try Self.run(&cluster, silence: 0)
        #expect(Self.taints(cluster).isEmpty)
    }

    @Test func aNodeThatHasNotYetSaidHowItIsHasItsGrace() throws {
        var cluster = MiniCluster()
        cluster.add(.node, ["metadata": ["name": "n1"]])
        _ = try Self.run(&cluster, silence: 1)
        #expect(Self.taints(cluster) == ["not-ready:NoSchedule"], "nothing is placed there, and nothing evicted")
        #expect(NodeLifecycle.awaitsEviction(try #require(cluster[.node, "n1"])) == false)
        for silence in [41, 42] as [Int64] { _ = try Self.run(&cluster, silence: silence) }
        let ready = Conditions.find("Ready", in: cluster[.node, "n1"]?.status)
        #expect(ready?["status"] == "Unknown" && ready?["reason"] == "NodeStatusNeverUpdated")
        #expect(Self.taints(cluster) == ["unreachable:NoExecute", "unreachable:NoSchedule"])
    }

    @Test func conditionsAndCordonsTaintAndOthersTaintsStay() throws {
        var cluster = MiniCluster()
        Self.node(&cluster)
        cluster.change(.node, "n1") {
            $0[path: "spec", "unschedulable"] = true
            $0[path: "spec", "taints"] = [["key": "mine", "effect": "NoExecute"]]
            $0[path: "status", "conditions"] = [
                ["type": "Ready", "status": "True"], ["type": "DiskPressure", "status": "True"],
            ]
        }
        _ = try Self.run(&cluster, silence: 0)
        #expect(Self.taints(cluster) == ["disk-pressure:NoSchedule", "mine:NoExecute", "unschedulable:NoSchedule"])
    }

    @Test func podsLeaveWhenTheirTolerationEnds() throws {
        var cluster = MiniCluster()
        let added = cluster.now
        let node = cluster.add(
            .node,
            [
                "metadata": ["name": "n1"],
                "spec": ["taints": [["key": "k", "effect": "NoExecute", "timeAdded": Timestamp.text(added)]]],
            ])
        func judge(_ tolerations: [JSONValue]) -> TaintEviction.Verdict {
            let pod = cluster.add(
                .pod, ["metadata": ["generateName": "p"], "spec": ["tolerations": .array(tolerations)]])
            return TaintEviction.judge(pod, on: node, since: 0)
        }
        #expect(judge([]) == .leaves(at: 0))
        #expect(judge([["key": "k", "operator": "Exists"]]) == .stays)
        #expect(judge([["operator": "Exists"]]) == .stays)
        #expect(judge([["key": "k", "operator": "Exists", "effect": "NoSchedule"]]) == .leaves(at: 0))
        let limited: JSONValue = ["key": "k", "operator": "Exists", "tolerationSeconds": 300]
        #expect(judge([limited]) == .leaves(at: added + 300 * Timestamp.second))
    }

    @Test func zonesSlowEvictionsDown() {
        let policy = ZoneEviction.Policy(rate: 0.1, secondaryRate: 0.01, largeZoneSize: 50, unhealthyShare: 0.55)
        #expect(ZoneEviction.state(ready: 10, notReady: 2, policy) == .normal)
        #expect(ZoneEviction.state(ready: 4, notReady: 6, policy) == .partialDisruption)
        #expect(ZoneEviction.state(ready: 0, notReady: 1, policy) == .fullDisruption)
        #expect(ZoneEviction.rate(.partialDisruption, size: 10, allZones: [.normal, .partialDisruption], policy) == 0)
        #expect(
            ZoneEviction.rate(.partialDisruption, size: 100, allZones: [.normal, .partialDisruption], policy) == 0.01)
        #expect(ZoneEviction.rate(.fullDisruption, size: 9, allZones: [.normal, .fullDisruption], policy) == 0.1)
        #expect(ZoneEviction.rate(.fullDisruption, size: 9, allZones: [.fullDisruption], policy) == 0)
    }

    @Test func podsThatNobodyEndsAreCollected() {
        var cluster = MiniCluster()
        func pod(_ name: String, _ node: String, _ phase: String, deleted: Bool = false) {
            var json: JSONValue = [
                "metadata": ["name": .string(name)], "spec": ["nodeName": .string(node)],
                "status": ["phase": .string(phase)],
            ]
            if deleted { json[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
            cluster.add(.pod, json)
            cluster.pass(seconds: 1)
        }
        pod("runs", "n1", "Running")
        pod("lost", "gone", "Running")
        pod("unbound", "", "Pending", deleted: true)
        pod("ends", "n1", "Running", deleted: true)
        pod("stuck", "dead", "Running", deleted: true)
        pod("stays", "dead", "Running")
        for number in 0..<4 { pod("done\(number)", "n1", "Succeeded") }
        cluster.change(.pod, "done3") { $0[path: "status", "reason"] = "Evicted" }
        let plans = PodCollection.decide(
            cluster[.pod], finishedLimit: 2, isGone: { $0 == "gone" }, isOutOfService: { $0 == "dead" },
            now: cluster.now)
        let removed = plans.compactMap { writes -> String? in
            guard case .delete(.pod, let key, let options)? = writes.last, options.gracePeriodSeconds == 0 else {
                return nil
            }
            return key.name
        }
        #expect(Set(removed) == ["lost", "unbound", "stuck", "done0", "done3"], "one that was evicted goes first")
        #expect(plans.count { $0.count == 2 } == 2, "a lost pod is said to have failed first")
    }

    /// The collector looks at these alone, not at the thousands that run.
    @Test func podsThatEndHaveAnIndex() throws {
        let ending = try #require(Indexes.of(APIKind.pod.resource)[Indexes.ending])
        func values(_ phase: String, _ metadata: JSONValue = ["name": "p"]) throws -> [String] {
            ending(try APIObject(json: ["metadata": metadata, "status": ["phase": .string(phase)]]))
        }
        for phase in ["Running", "Pending"] { #expect(try values(phase).isEmpty) }
        for phase in ["Succeeded", "Failed"] { #expect(try values(phase) == [""]) }
        #expect(try values("Running", ["name": "p", "deletionTimestamp": "2026-01-01T00:00:00Z"]) == [""])
    }

    @Test(arguments: ["True", "Unknown"]) func onlyANodeThatIsNotReadyIsOutOfService(ready: String) throws {
        var cluster = MiniCluster()
        Self.node(&cluster, ready: ready)
        #expect(!PodCollection.isOutOfService(try #require(cluster[.node, "n1"])))
        cluster.change(.node, "n1") {
            $0[path: "spec", "taints"] = [["key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"]]
        }
        #expect(PodCollection.isOutOfService(try #require(cluster[.node, "n1"])) == (ready != "True"))
    }

    @Test func everyNodeHasRangesOfItsOwn() throws {
        var ranges = try PodRanges(["10.0.0.0/22", "fd00::/48"], maskIPv4: 24, maskIPv6: 64, excluded: ["10.0.1.0/24"])
        var cluster = MiniCluster()
        func add(_ name: String) throws -> [String] {
            let node = cluster.add(.node, ["metadata": ["name": .string(name)]])
            try cluster.perform(ranges.allocate(node))
            return PodRanges.ranges(of: try #require(cluster[.node, name]))
        }
        #expect(try add("a") == ["10.0.0.0/24", "fd00::/64"])
        #expect(try add("b") == ["10.0.2.0/24", "fd00:0:0:1::/64"])
        #expect(try add("c") == ["10.0.3.0/24", "fd00:0:0:2::/64"])
        #expect(try add("d").isEmpty && cluster.events == ["CIDRNotAvailable: Node d status is now: CIDRNotAvailable"])
        ranges.release(node: "b")
        #expect(try add("e") == ["10.0.2.0/24", "fd00:0:0:1::/64"])
        // What a node has counts as taken.
        var anew = try PodRanges(["10.0.0.0/22"], maskIPv4: 24, maskIPv6: 64)
        for node in cluster[.node] { anew.note(node) }
        let fresh = cluster.add(.node, ["metadata": ["name": "f"]])
        try cluster.perform(anew.allocate(fresh))
        #expect(cluster[.node, "f"]?.spec?["podCIDR"] == "10.0.1.0/24")
    }

    @Test(arguments: [["x"], ["10.0.0.0/25"], ["10.0.0.0/16", "10.1.0.0/16"]])
    func senselessRangesAreRefused(ranges: [String]) {
        #expect(throws: PodRanges.Refusal.self) { try PodRanges(ranges, maskIPv4: 24, maskIPv6: 64) }
    }

    /// When no node is heard of, the fault is likely here: what was to be evicted stays.
    @Test func noNodeIsGivenUpWhenAllAreSilent() throws {
        var cluster = MiniCluster()
        Self.node(&cluster)
        for silence in 41...43 as ClosedRange<Int64> { _ = try Self.run(&cluster, silence: silence) }
        #expect(Self.taints(cluster) == ["unreachable:NoExecute", "unreachable:NoSchedule"])
        let node = try #require(cluster[.node, "n1"])
        try cluster.perform(
            NodeLifecycle.decide(
                node, silence: .seconds(44), grace: .seconds(40), isStopped: true, mayEvict: { true },
                now: cluster.now))
        #expect(Self.taints(cluster) == ["unreachable:NoSchedule"])
        #expect(ZoneEviction.isStopped([.fullDisruption, .fullDisruption]))
        #expect(!ZoneEviction.isStopped([.fullDisruption, .partialDisruption]))
    }

    @Test func podsOfASilentNodeAreNotReadyAndSaySo() throws {
        var cluster = MiniCluster()
        cluster.add(.pod, ["metadata": ["name": "p"]])
        cluster.setReady("p")
        let ready = try #require(cluster[.pod, "p"])
        let action = try #require(NodeLifecycle.unready(ready, now: cluster.now))
        try cluster.perform(Decision([action]))
        #expect(cluster.events == ["NodeNotReady: Node is not ready"])
        let pod = try #require(cluster[.pod, "p"])
        #expect(!pod.isReadyPod && NodeLifecycle.unready(pod, now: cluster.now) == nil)
    }
}
