import KubeAPI
import KubeSchema
import Testing

@testable import SchedulerCore

/// Volumes that are bound with their pod's node.
@Suite struct VolumeTests {
    private static let second: Int64 = 1_000_000_000

    private func volume(
        _ name: String, node: String? = nil, size: String = "10Gi", phase: String = "Available",
        claim: JSONValue? = nil, labels: JSONValue = .emptyObject, driver: String? = nil
    ) throws -> PersistentVolume {
        var json: JSONValue = [
            "metadata": ["name": .string(name), "uid": .string(name), "resourceVersion": "1"],
            "spec": [
                "capacity": ["storage": .string(size)], "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
            ], "status": ["phase": .string(phase)],
        ]
        json[path: "spec", "claimRef"] = claim
        json[path: "metadata", "labels"] = labels
        if let driver {
            json[path: "spec", "csi"] = ["driver": .string(driver), "volumeHandle": .string("handle-\(name)")]
        }
        if let node {
            let expression: JSONValue = ["key": "kubernetes.io/hostname", "operator": "In", "values": [.string(node)]]
            json[path: "spec", "nodeAffinity", "required", "nodeSelectorTerms"] = [["matchExpressions": [expression]]]
        }
        return try PersistentVolume(json: json)
    }

    private func claim(
        _ name: String = "data", class storageClass: String = "local", size: String = "5Gi", volume: String = "",
        selectedNode: String? = nil, mode: String = "ReadWriteOnce"
    ) throws -> PersistentVolumeClaim {
        var json: JSONValue = [
            "metadata": ["name": .string(name), "namespace": "default", "uid": .string(name), "resourceVersion": "1"],
            "spec": [
                "resources": ["requests": ["storage": .string(size)]], "accessModes": [.string(mode)],
                "storageClassName": .string(storageClass), "volumeName": .string(volume),
            ],
        ]
        if !volume.isEmpty { json[path: "metadata", "annotations", VolumeAnnotation.bindCompleted] = "yes" }
        if let selectedNode {
            json[path: "metadata", "annotations", VolumeAnnotation.selectedNode] = .string(selectedNode)
        }
        return try PersistentVolumeClaim(json: json)
    }

    private func storageClass(
        _ name: String = "local", waits: Bool = true, provisioner: String = StorageClass.noProvisioner,
        zone: String? = nil
    ) throws -> StorageClass {
        var json: JSONValue = [
            "metadata": ["name": .string(name)], "provisioner": .string(provisioner),
            "volumeBindingMode": .string(waits ? "WaitForFirstConsumer" : "Immediate"),
        ]
        if let zone {
            json[path: "allowedTopologies"] = [
                ["matchLabelExpressions": [["key": "zone", "values": [.string(zone)]]]]
            ]
        }
        return try StorageClass(json: json)
    }

    private func pod(_ name: String, claims: String..., on node: String = "", priority: Int64 = 0) throws -> Pod {
        let volumes = claims.map { claim -> JSONValue in
            ["name": .string(claim), "persistentVolumeClaim": ["claimName": .string(claim)]]
        }
        return try Make.pod(
            name, priority: priority, spec: ["volumes": .array(volumes), "nodeName": .string(node)])
    }

    /// Nodes a and b in the zones 1 and 2.
    private func machine() throws -> SchedulingMachine {
        var machine = SchedulingMachine(configuration: SchedulerConfiguration(), seed: 1)
        machine.set(try Make.node("a", labels: ["zone": "1"]), now: 0)
        machine.set(try Make.node("b", labels: ["zone": "2"]), now: 0)
        machine.set(try storageClass(), now: 0)
        return machine
    }

    private func refusal(_ pod: Pod, _ machine: inout SchedulingMachine) -> String? {
        machine.explain(pod).diagnosis?.message()
    }

    // MARK: - Which node

    @Test func aClaimIsAwaitedThenUsedWhereItsVolumeIs() throws {
        var machine = try machine()
        let pod = try pod("p", claims: "data")
        #expect(
            refusal(pod, &machine) == #"0/2 nodes are available: persistentvolumeclaim "data" not found."#)
        machine.set(try claim(class: "unheard-of"), now: 0)
        let unbound = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
        #expect(refusal(pod, &machine) == unbound)
        machine.set(try storageClass("now", waits: false), now: 0)
        machine.set(try claim(class: "now"), now: 0)
        #expect(refusal(pod, &machine) == unbound)
        machine.set(try claim(volume: "v"), now: 0)
        #expect(
            refusal(pod, &machine)
                == "0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)."
        )
        machine.set(try volume("v", node: "b"), now: 0)
        #expect(machine.explain(pod).node == "b")
        machine.set(try volume("v", node: "c"), now: 0)
        #expect(
            refusal(pod, &machine)
                == "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity.")
    }

    @Test func aLostClaimAndOneThatGoesAreNamed() throws {
        var machine = try machine()
        func set(_ change: (inout JSONValue) -> Void) throws {
            var json: JSONValue = [
                "metadata": ["name": "data", "namespace": "default"], "spec": ["volumeName": "v"],
            ]
            change(&json)
            machine.set(try PersistentVolumeClaim(json: json), now: 0)
        }
        let pod = try pod("p", claims: "data")
        try set { $0[path: "status", "phase"] = "Lost" }
        #expect(
            refusal(pod, &machine)
                == #"0/2 nodes are available: persistentvolumeclaim "data" bound to non-existent persistentvolume "v"."#
        )
        try set { $0[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
        #expect(
            refusal(pod, &machine) == #"0/2 nodes are available: persistentvolumeclaim "data" is being deleted."#)
    }

    @Test func aVolumeOfItsOwnIsAwaited() throws {
        var machine = try machine()
        let pod = try Make.pod("p", spec: ["volumes": [["name": "own", "ephemeral": .emptyObject]]])
        #expect(
            refusal(pod, &machine)
                == "0/2 nodes are available: waiting for ephemeral volume controller to create the "
                + #"persistentvolumeclaim "p-own"."#)
        machine.set(try claim("p-own"), now: 0)
        #expect(
            refusal(pod, &machine)
                == "0/2 nodes are available: PVC default/p-own was not created for pod default/p (pod is not owner).")
    }

    @Test func volumesOfTheNodeAreCountedOnce() throws {
        var machine = try machine()
        machine.set(try claim("one"), now: 0)
        machine.set(try claim("two", size: "8Gi"), now: 0)
        let both = try pod("p", claims: "two", "one")
        for volume in [
            try volume("a1", node: "a"), try volume("b1", node: "b", size: "6Gi"), try volume("b2", node: "b"),
        ] { machine.set(volume, now: 0) }
        let decision = machine.explain(both)
        #expect(decision.node == "b")
        #expect(
            decision.explanation.refused.first?.refusals.first?.reasons == [
                "node(s) didn't find available persistent volumes to bind"
            ])
        let plan = machine.cluster.volumePlan(for: both, on: "b")
        #expect(plan.matches.map { "\($0.claim.key.name)=\($0.volume.name)" } == ["one=b1", "two=b2"])
    }

    @Test func whereAProvisionerMayMakeOne() throws {
        var machine = try machine()
        machine.set(try storageClass("fast", provisioner: "example.org/disk", zone: "2"), now: 0)
        machine.set(try claim(class: "fast"), now: 0)
        let pod = try pod("p", claims: "data")
        #expect(machine.explain(pod).node == "b")
        #expect(machine.cluster.volumePlan(for: pod, on: "b").provisions.map(\.key.name) == ["data"])
        // It was asked for one at another node.
        machine.set(try claim(class: "fast", selectedNode: "a"), now: 0)
        #expect(
            refusal(pod, &machine)
                == "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.")
    }

    // MARK: - Who else has them

    private static let taken =
        "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"

    /// Whatever its node: the claim is one pod's.
    @Test func aClaimForOnePodIsHadOnce() throws {
        var machine = try machine(try machine(), mode: "ReadWriteOncePod")
        machine.set(try pod("first", claims: "data", on: "a"), now: 0)
        let second = try pod("second", claims: "data")
        #expect(refusal(second, &machine) == "0/2 nodes are available: 2 \(Self.taken).")
        #expect(machine.explain(try pod("other")).node != nil)
        // It waits until the other pod is gone.
        machine.set(second, now: 0)
        guard case .wait? = machine.next(now: 0) else {
            Issue.record("the claim is taken")
            return
        }
        machine.set(try pod("stranger", on: "a"), now: 0)
        machine.removePod(NamespacedName(namespace: "default", name: "stranger"), now: 0)
        #expect(machine.next(now: 5 * Self.second) == nil, "another pod's end is no help")
        machine.removePod(NamespacedName(namespace: "default", name: "first"), now: 0)
        #expect(isBind(machine.next(now: 5 * Self.second)))
    }

    @Test func aClaimForOnePodIsTakenFromTheLessImportant() throws {
        var machine = try machine(try machine(), mode: "ReadWriteOncePod")
        machine.set(try pod("first", claims: "data", on: "a"), now: 0)
        machine.set(try pod("bystander", on: "b"), now: 0)
        machine.set(try pod("urgent", claims: "data", priority: 10), now: 0)
        guard case .wait(let refused)? = machine.next(now: 0) else {
            Issue.record("the claim is taken")
            return
        }
        #expect(refused.nominatedNode == "a" && refused.victims?.pods.map(\.key.name) == ["first"])
    }

    @Test func manyPodsMayHaveOtherClaims() throws {
        var machine = try machine(try machine(), mode: "ReadWriteOnce")
        machine.set(try pod("first", claims: "data", on: "a"), now: 0)
        #expect(machine.explain(try pod("second", claims: "data")).node != nil)
    }

    /// With a claim that is bound.
    private func machine(_ machine: SchedulingMachine, mode: String) throws -> SchedulingMachine {
        var machine = machine
        machine.set(try claim(volume: "v", mode: mode), now: 0)
        machine.set(try volume("v"), now: 0)
        return machine
    }

    @Test(
        arguments: [
            ("topology.kubernetes.io/zone", "east", "a"),
            ("failure-domain.beta.kubernetes.io/zone", "east__north", "a"),
            ("topology.kubernetes.io/region", "eu", nil),
        ] as [(String, String, String?)])
    func aVolumesLabelsKeepItInItsZone(label: String, value: String, node: String?) throws {
        var machine = try machine(try machine(), mode: "ReadWriteOnce")
        let zone = "topology.kubernetes.io/zone"
        machine.set(try Make.node("a", labels: [zone: "east"]), now: 0)
        machine.set(try Make.node("b", labels: [zone: "west"]), now: 0)
        machine.set(try volume("v", labels: Make.object([label: value])), now: 0)
        let pod = try pod("p", claims: "data")
        #expect(machine.explain(pod).node == node)
        if node == nil {
            #expect(refusal(pod, &machine) == "0/2 nodes are available: 2 node(s) had no available volume zone.")
            // Where no node has zones there are none.
            for name in ["a", "b"] { machine.set(try Make.node(name), now: 0) }
            #expect(machine.explain(pod).node != nil)
        }
    }

    @Test func aNodeTakesOnlySoManyVolumes() throws {
        var machine = try machine()
        machine.removeNode("b", now: 0)
        for name in ["one", "two", "three"] {
            machine.set(try claim(name, volume: name), now: 0)
            machine.set(try volume(name, driver: "example.org/disk"), now: 0)
        }
        machine.set(try storageClass("fast", provisioner: "example.org/disk"), now: 0)
        machine.set(try claim("new", class: "fast"), now: 0)
        func limit(_ count: Int64?) -> VolumeLimits {
            var driver: JSONValue = ["name": "example.org/disk"]
            if let count { driver[path: "allocatable", "count"] = .integer(count) }
            return VolumeLimits(json: ["spec": ["drivers": [driver, ["name": "other"]]]])
        }
        machine.set(limit(2), ofNode: "a", now: 0)
        machine.set(try pod("p1", claims: "one", on: "a"), now: 0)
        machine.set(try pod("p2", claims: "two", "one", on: "a"), now: 0)
        let full = "0/1 nodes are available: 1 node(s) exceed max volume count."
        let next = try pod("next", claims: "three")
        #expect(refusal(next, &machine) == full)
        #expect(refusal(try pod("made", claims: "new"), &machine) == full, "one that is yet to be made counts too")
        #expect(machine.explain(try pod("again", claims: "two")).node == "a", "it is there already")
        machine.set(next, now: 0)
        guard case .wait? = machine.next(now: 0) else {
            Issue.record("there is no room")
            return
        }
        machine.set(limit(nil), ofNode: "a", now: 0)
        #expect(isBind(machine.next(now: 5 * Self.second)))
    }

    // MARK: - The way to the node

    private func prepared(_ step: SchedulingMachine.Step?) -> SchedulingMachine.Binding? {
        guard case .prepareVolumes(let binding)? = step else { return nil }
        return binding
    }

    private func isBind(_ step: SchedulingMachine.Step?) -> Bool {
        guard case .bind? = step else { return false }
        return true
    }

    private func abandoned(_ step: SchedulingMachine.Step?) -> String? {
        guard case .abandon(_, let reason)? = step else { return nil }
        return reason
    }

    private var claimRef: JSONValue { ["namespace": "default", "name": "data", "uid": "data"] }

    @Test func thePodWaitsUntilItsVolumeIsBound() throws {
        var machine = try machine()
        machine.set(try claim(), now: 0)
        machine.set(try volume("v", node: "b"), now: 0)
        machine.set(try pod("p", claims: "data"), now: 0)
        let binding = try #require(prepared(machine.next(now: 0)))
        #expect(binding.node == "b" && binding.volumes.matches.map(\.volume.name) == ["v"])
        // Nobody else gets the volume.
        machine.set(try claim("other"), now: 0)
        #expect(
            refusal(try pod("q", claims: "other"), &machine)
                == "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.")
        machine.volumesWritten(binding.pod)
        #expect(machine.next(now: 0) == nil)
        machine.set(try volume("v", node: "b", claim: claimRef), now: 0)
        #expect(machine.next(now: 0) == nil)
        machine.set(try claim(volume: "v"), now: 0)
        #expect(isBind(machine.next(now: 0)))
        machine.bound(binding.pod, now: 0)
        #expect(machine.next(now: 0) == nil)
    }

    @Test func aClaimBoundBeforeItsVolumeIsHeardOfIsWaitedFor() throws {
        var machine = try machine()
        machine.set(try storageClass("fast", provisioner: "example.org/disk"), now: 0)
        machine.set(try claim(class: "fast"), now: 0)
        machine.set(try pod("p", claims: "data"), now: 0)
        let binding = try #require(prepared(machine.next(now: 0)))
        // What the watch says may be older than what was written.
        machine.volumesWritten(binding.pod)
        machine.set(try claim(class: "fast"), now: 0)
        machine.set(try claim(class: "fast", selectedNode: binding.node), now: 0)
        machine.set(try claim(class: "fast", volume: "made"), now: 0)
        #expect(machine.next(now: 0) == nil)
        machine.set(try volume("made", node: binding.node, claim: claimRef), now: 0)
        #expect(isBind(machine.next(now: 0)))
    }

    @Test func aVolumeElsewhereIsRefused() throws {
        var machine = try machine()
        machine.set(try storageClass("fast", provisioner: "example.org/disk", zone: "1"), now: 0)
        machine.set(try claim(class: "fast"), now: 0)
        machine.set(try pod("p", claims: "data"), now: 0)
        let binding = try #require(prepared(machine.next(now: 0)))
        machine.volumesWritten(binding.pod)
        machine.set(try volume("made", node: "b", claim: claimRef), now: 0)
        machine.set(try claim(class: "fast", volume: "made"), now: 0)
        #expect(
            abandoned(machine.next(now: 0)) == #"pv "made" node affinity doesn't match node "a""#)
        // The next try goes where the volume is.
        guard case .bind(let next)? = machine.next(now: Self.second) else {
            Issue.record("it has a volume")
            return
        }
        #expect(next.node == "b")
    }

    @Test func whatIsTakenBackIsNoticed() throws {
        var machine = try machine()
        machine.set(try storageClass("fast", provisioner: "example.org/disk"), now: 0)
        machine.set(try claim(class: "fast"), now: 0)
        machine.set(try pod("p", claims: "data"), now: 0)
        let first = try #require(prepared(machine.next(now: 0)))
        machine.volumesWritten(first.pod)
        machine.set(try claim(class: "fast", selectedNode: first.node), now: 0)
        // The provisioner could not do it there.
        machine.set(try claim(class: "fast"), now: 0)
        #expect(abandoned(machine.next(now: 0)) == #"selectedNode annotation reset for PVC "data""#)
        #expect(prepared(machine.next(now: Self.second)) != nil)

        var other = try self.machine()
        other.set(try claim(), now: 0)
        other.set(try volume("v"), now: 0)
        other.set(try pod("p", claims: "data"), now: 0)
        let second = try #require(prepared(other.next(now: 0)))
        other.volumesWritten(second.pod)
        other.set(try volume("v", claim: claimRef), now: 0)
        other.set(try volume("v"), now: 0)
        #expect(abandoned(other.next(now: 0)) == #"ClaimRef got reset for pv "v""#)
    }

    @Test func patienceEnds() throws {
        var machine = try machine()
        machine.set(try claim(), now: 0)
        machine.set(try volume("v"), now: 0)
        machine.set(try pod("p", claims: "data"), now: 0)
        let binding = try #require(prepared(machine.next(now: 0)))
        machine.volumesWritten(binding.pod)
        let deadline = try #require(machine.nextDeadline())
        #expect(deadline == 600 * Self.second)
        #expect(machine.next(now: deadline - 1) == nil)
        #expect(abandoned(machine.next(now: deadline)) == "timed out waiting for the condition")
        #expect(machine.assumedCount == 0)
    }

    @Test func whatIsReservedIsFreeAgainWhenThePodGoesOrIsNotTaken() throws {
        var machine = try machine()
        machine.set(try claim(), now: 0)
        machine.set(try volume("v"), now: 0)
        let pod = try pod("p", claims: "data")
        machine.set(pod, now: 0)
        #expect(prepared(machine.next(now: 0)) != nil)
        machine.bindingFailed(pod, now: 0)
        #expect(machine.cluster.storage.candidates(for: try claim("other")).map(\.name) == ["v"])
        #expect(prepared(machine.next(now: Self.second)) != nil)
        machine.removePod(pod.key, now: 0)
        #expect(machine.cluster.storage.candidates(for: try claim("other")).map(\.name) == ["v"])
        machine.volumesWritten(pod)
        machine.set(try claim(volume: "v"), now: 0)
        #expect(machine.next(now: Self.second) == nil)
    }
}
