import Foundation
import KubeAPI
import Manifests
import SchedulerCore
import TestThreads
import Testing

/// Every file of policies/scheduling, applied.
@Suite(.ownThread) struct PolicyTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "policies/scheduling")

    private func configuration(_ name: String) throws -> SchedulerConfiguration {
        let text = try String(contentsOf: Self.folder.appending(path: name + ".yaml"), encoding: .utf8)
        let document = try #require(try YAMLDocuments.parse(text, file: name).first)
        return try SchedulerConfiguration(json: document.value)
    }

    private func node(
        _ name: String, cpu: String = "4", labels: JSONValue = .emptyObject, more: JSONValue = .emptyObject,
        images: JSONValue = []
    ) throws -> NodeDescription {
        var allocatable: JSONValue = ["cpu": .string(cpu), "memory": "8Gi", "pods": "110"]
        for member in more.object?.members ?? [] { allocatable[path: member.key] = member.value }
        return try NodeDescription(json: [
            "metadata": ["name": .string(name), "labels": labels],
            "status": ["allocatable": allocatable, "images": images],
        ])
    }

    private func pod(
        _ name: String, scheduler: String = "default-scheduler", cpu: String, node: String = "", priority: Int64 = 0,
        more: JSONValue = .emptyObject
    ) throws -> Pod {
        var requests: JSONValue = ["cpu": .string(cpu), "memory": "1Gi"]
        for member in more.object?.members ?? [] { requests[path: member.key] = member.value }
        return try Pod(json: [
            "metadata": ["name": .string(name), "namespace": "default", "uid": .string(name)],
            "spec": [
                "schedulerName": .string(scheduler), "nodeName": .string(node), "priority": .integer(priority),
                "containers": [["image": "app:1", "resources": ["requests": requests]]],
            ],
        ])
    }

    private func placement(_ pod: Pod, _ machine: inout SchedulingMachine) -> String? {
        machine.set(pod, now: 0)
        guard case .bind(let binding)? = machine.next(now: 0) else { return nil }
        return binding.node
    }

    @Test func everyFileIsReadAndTested() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
            $0.hasSuffix(".yaml")
        }
        #expect(
            files.sorted() == ["accelerators.yaml", "bin-packing.yaml", "large-clusters.yaml", "reserved-nodes.yaml"])
    }

    @Test func binPackingFillsTheFullerNode() throws {
        var machine = SchedulingMachine(configuration: try configuration("bin-packing"), seed: 1)
        for name in ["a", "b"] { machine.set(try node(name), now: 0) }
        machine.set(try pod("there", cpu: "1", node: "a"), now: 0)
        #expect(placement(try pod("packed", scheduler: "bin-packing", cpu: "1"), &machine) == "a")
        #expect(placement(try pod("usual", cpu: "1"), &machine) == "b")
    }

    @Test func acceleratorsAreFilled() throws {
        var machine = SchedulingMachine(configuration: try configuration("accelerators"), seed: 1)
        let four: JSONValue = ["example.org/accelerator": "4"]
        let two: JSONValue = ["example.org/accelerator": "2"]
        for name in ["a", "b"] { machine.set(try node(name, more: four), now: 0) }
        machine.set(try pod("there", cpu: "1", node: "b", more: two), now: 0)
        #expect(placement(try pod("next", cpu: "1", more: two), &machine) == "b")
    }

    @Test func batchStaysOnItsNodes() throws {
        let configuration = try configuration("reserved-nodes")
        #expect(configuration.backoff.initialBackoff == 2_000_000_000)
        var machine = SchedulingMachine(configuration: configuration, seed: 1)
        machine.set(try node("a", cpu: "16"), now: 0)
        machine.set(try node("b", cpu: "2", labels: ["pool": "batch"]), now: 0)
        #expect(placement(try pod("batch", scheduler: "batch", cpu: "1"), &machine) == "b")
        machine.set(try pod("more", scheduler: "batch", cpu: "2", priority: 100), now: 0)
        guard case .wait(let refused)? = machine.next(now: 0) else {
            Issue.record("the node is full")
            return
        }
        #expect(
            refused.message
                == "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match scheduler-enforced node affinity."
        )
        #expect(refused.victims == nil)
    }

    @Test func imagesCountMore() throws {
        var machine = SchedulingMachine(configuration: try configuration("reserved-nodes"), seed: 1)
        let images: JSONValue = [["names": ["app:1"], "sizeBytes": .integer(2000 << 20)]]
        machine.set(try node("a"), now: 0)
        machine.set(try node("b", cpu: "3", images: images), now: 0)
        #expect(placement(try pod("p", cpu: "1"), &machine) == "b")
    }

    @Test func largeClustersAreNotSearchedToTheEnd() throws {
        var machine = SchedulingMachine(configuration: try configuration("large-clusters"), seed: 1)
        for number in 0..<3000 { machine.set(try node("n\(number)"), now: 0) }
        machine.set(try pod("p", cpu: "1"), now: 0)
        guard case .bind(let binding)? = machine.next(now: 0) else {
            Issue.record("there is room")
            return
        }
        #expect(binding.explanation.feasible.count == 150)
        #expect(binding.explanation.unseen == 2850)
    }
}
