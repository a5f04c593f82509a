import KubeAPI
import Testing

@testable import SchedulerCore

/// The scheduler without its shell.
@Suite struct MachineTests {
    private static let second: Int64 = 1_000_000_000

    private func machine(_ nodes: NodeDescription...) -> SchedulingMachine {
        var machine = SchedulingMachine(configuration: SchedulerConfiguration(), seed: 1)
        for node in nodes { machine.set(node, now: 0) }
        return machine
    }

    private func binding(_ step: SchedulingMachine.Step?) -> SchedulingMachine.Binding? {
        guard case .bind(let binding)? = step else { return nil }
        return binding
    }

    private func refused(_ step: SchedulingMachine.Step?) -> SchedulingMachine.Refused? {
        guard case .wait(let refused)? = step else { return nil }
        return refused
    }

    @Test func whatIsAssumedCountsAtOnceAndIsForgottenWhenBindingFails() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        for name in ["a", "b"] { machine.set(try Make.pod(name, cpu: "1"), now: 0) }
        let first = try #require(binding(machine.next(now: 0)))
        #expect(first.pod.key.name == "a" && first.node == "n")
        #expect(refused(machine.next(now: 0))?.pod.key.name == "b")
        #expect(machine.next(now: 0) == nil)
        machine.bindingFailed(first.pod, now: 0)
        #expect(machine.assumedCount == 0)
        // b may have the room now; a waits out its backoff too.
        let second = try #require(binding(machine.next(now: Self.second)))
        #expect(second.node == "n")
    }

    @Test func anOldPictureOfAPodDoesNotUndoItsBinding() throws {
        var machine = machine(try Make.node("n"))
        let pod = try Make.pod("a", cpu: "1")
        machine.set(pod, now: 0)
        let first = try #require(binding(machine.next(now: 0)))
        machine.set(pod, now: 0)
        machine.bound(first.pod, now: 0)
        machine.set(pod, now: 0)
        #expect(machine.next(now: 0) == nil)
        machine.set(try Make.pod("a", cpu: "1", spec: ["nodeName": "n"]), now: 0)
        #expect(machine.assumedCount == 0)
        #expect(machine.cluster.podCount == 1)
        machine.removePod(pod.key, now: 0)
        #expect(machine.cluster.podCount == 0)
    }

    @Test func podsOfOthersAreLeftAlone() throws {
        var machine = machine(try Make.node("n"))
        machine.set(try Make.pod("a", spec: ["schedulerName": "mine"]), now: 0)
        machine.set(try Make.pod("b", terminating: true), now: 0)
        #expect(machine.next(now: 0) == nil)
    }

    @Test func finishedPodsHoldNothing() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        machine.set(try Make.pod("a", cpu: "1", spec: ["nodeName": "n"]), now: 0)
        machine.set(try Make.pod("b", cpu: "1"), now: 0)
        #expect(refused(machine.next(now: 0)) != nil)
        let done = try Pod(json: [
            "metadata": ["name": "a", "namespace": "default"], "spec": ["nodeName": "n"],
            "status": ["phase": "Succeeded"],
        ])
        machine.set(done, now: 0)
        #expect(binding(machine.next(now: Self.second))?.pod.key.name == "b")
    }

    @Test func anImportantPodTakesTheRoomOfAnother() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        let old = try Make.pod("old", cpu: "1", spec: ["nodeName": "n"])
        machine.set(old, now: 0)
        machine.set(try Make.pod("new", cpu: "1", priority: 100), now: 0)
        let step = try #require(refused(machine.next(now: 0)))
        #expect(step.nominatedNode == "n")
        #expect(step.victims?.pods.map(\.key.name) == ["old"])
        #expect(step.message == "0/1 nodes are available: 1 Insufficient cpu.")
        // A less important one does not slip into the room that is kept.
        machine.set(try Make.pod("small", cpu: "1", priority: 50), now: 0)
        machine.removePod(old.key, now: 0)
        #expect(refused(machine.next(now: 0))?.pod.key.name == "small")
        #expect(binding(machine.next(now: Self.second))?.pod.key.name == "new")
    }

    @Test func roomThatWasKeptForAPodThatGoesIsOthers() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        let old = try Make.pod("old", cpu: "1", spec: ["nodeName": "n"])
        machine.set(old, now: 0)
        let new = try Make.pod("new", cpu: "1", priority: 100)
        machine.set(new, now: 0)
        #expect(refused(machine.next(now: 0))?.nominatedNode == "n")
        machine.removePod(old.key, now: 0)
        machine.set(try Make.pod("small", cpu: "1", priority: 50), now: 0)
        #expect(refused(machine.next(now: 0))?.pod.key.name == "small")
        machine.removePod(new.key, now: 0)
        #expect(binding(machine.next(now: Self.second))?.pod.key.name == "small")
    }

    /// A victim that could not be deleted sends no event.
    @Test func aPreemptionThatFailedIsTriedAgain() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        machine.set(try Make.pod("old", cpu: "1", spec: ["nodeName": "n"]), now: 0)
        let new = try Make.pod("new", cpu: "1", priority: 100)
        machine.set(new, now: 0)
        #expect(refused(machine.next(now: 0))?.victims != nil)
        machine.preemptionFailed(new, now: 0)
        #expect(machine.next(now: 0) == nil && machine.nextDeadline() == Self.second)
        #expect(refused(machine.next(now: Self.second))?.victims?.pods.map(\.key.name) == ["old"])
    }

    @Test func thePodThatPreemptsWaitsForItsVictim() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        machine.set(try Make.pod("old", cpu: "1", spec: ["nodeName": "n"]), now: 0)
        machine.set(try Make.pod("new", cpu: "1", priority: 100), now: 0)
        _ = machine.next(now: 0)
        machine.set(try Make.pod("old", cpu: "1", spec: ["nodeName": "n"], terminating: true, preempted: true), now: 0)
        machine.set(try Make.node("m", cpu: "1", unschedulable: true), now: 0)
        machine.set(try Make.node("m", cpu: "1", labels: ["x": "y"], unschedulable: true), now: 0)
        machine.set(try Make.pod("new", cpu: "1", labels: ["changed": "yes"], priority: 100), now: Self.second)
        let step = try #require(refused(machine.next(now: Self.second)))
        #expect(step.victims == nil)
        #expect(step.nominatedNode == "n")
        #expect(step.message.hasSuffix("preemption: not eligible due to a terminating pod on the nominated node."))
    }

    /// Only a pod that makes room for it is waited for; another that ends may take its time.
    @Test func aPodThatEndsForOtherReasonsIsNotWaitedFor() throws {
        var machine = machine(try Make.node("n", cpu: "2"))
        machine.set(try Make.pod("old", cpu: "2", spec: ["nodeName": "n"]), now: 0)
        machine.set(try Make.pod("new", cpu: "2", priority: 100), now: 0)
        #expect(refused(machine.next(now: 0))?.nominatedNode == "n")
        machine.removePod(NamespacedName(namespace: "default", name: "old"), now: 0)
        for (name, ends) in [("leaving", true), ("staying", false)] {
            machine.set(try Make.pod(name, cpu: "1", spec: ["nodeName": "n"], terminating: ends), now: 0)
        }
        let victims = refused(machine.next(now: Self.second))?.victims?.pods.map(\.key.name) ?? []
        #expect(Set(victims) == ["leaving", "staying"])
    }

    /// After a restart the promise is in the pod's status.
    @Test func aPromiseOutlivesTheSchedulerUntilItIsTakenBack() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        func promised(_ node: String, _ uid: String) throws -> Pod {
            try Pod(json: [
                "metadata": ["name": "promised", "namespace": "default", "uid": .string(uid)],
                "spec": [
                    "priority": 10, "schedulingGates": [["name": "later"]],
                    "containers": .array([Make.container(cpu: "1")]),
                ], "status": ["nominatedNodeName": .string(node)],
            ])
        }
        machine.set(try promised("n", "1"), now: 0)
        machine.set(try Make.pod("small", cpu: "1"), now: 0)
        #expect(refused(machine.next(now: 0))?.pod.key.name == "small")
        machine.set(try promised("", "1"), now: 0)
        machine.set(try Make.node("n", cpu: "2"), now: Self.second)
        machine.set(try Make.pod("other", cpu: "2", priority: 5), now: Self.second)
        #expect(binding(machine.next(now: Self.second))?.pod.key.name == "other")
    }

    @Test func neverMeansNever() throws {
        var machine = machine(try Make.node("n", cpu: "1"))
        machine.set(try Make.pod("old", cpu: "1", spec: ["nodeName": "n"]), now: 0)
        machine.set(try Make.pod("new", cpu: "1", priority: 9, spec: ["preemptionPolicy": "Never"]), now: 0)
        #expect(
            refused(machine.next(now: 0))?.message
                == "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never."
        )
    }

    @Test func whatKeepsAPodFromBeingTriedIsSaid() throws {
        let machine = machine(try Make.node("a"))
        func obstacle(_ spec: JSONValue, terminating: Bool = false) throws -> SchedulingMachine.Obstacle? {
            machine.obstacle(to: try Make.pod("p", spec: spec, terminating: terminating))
        }
        let gated: JSONValue = ["schedulingGates": [["name": "x.org/quota"], ["name": "later"]]]
        #expect(try obstacle([:]) == nil)
        #expect(try obstacle(gated) == .gates(["x.org/quota", "later"]))
        #expect(try obstacle(gated, terminating: true) == .terminating)
        #expect(try obstacle(["schedulerName": "mine"]) == .foreign("mine"))
        #expect(try obstacle(["schedulerName": "mine", "nodeName": "a"]) == nil)
    }

    @Test func explanationsNameEveryPlugin() throws {
        var machine = machine(
            try Make.node("a"), try Make.node("b", cpu: "1", taints: [Make.taint("k", "v")]))
        let decision = machine.explain(try Make.pod("p", cpu: "2", spec: ["nodeName": "b"]))
        #expect(decision.node == "a")
        #expect(
            decision.explanation.refused.map { Set($0.refusals.map(\.plugin)) } == [
                [.taintToleration, .nodeResourcesFit]
            ])
        let table = decision.explanation.table()
        #expect(
            table.hasPrefix("NODE  TOTAL  NodeUnschedulable  TaintToleration  NodeResourcesFit  TaintToleration\u{d7}3")
        )
        #expect(table.contains("NodeResourcesFit: Insufficient cpu: b\n"))
        #expect(table.contains("TaintToleration: node(s) had untolerated taint {k: v}: b\n"))
        #expect(decision.explanation.json["feasible"]?.array?.first?["node"] == "a")
    }
}
