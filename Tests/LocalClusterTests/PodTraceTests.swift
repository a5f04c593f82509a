import KubeAPI
import Testing

@testable import LocalCluster

struct PodTraceTests {
    private let key = NamespacedName(namespace: "shop", name: "web")

    private func pod(_ spec: JSONValue = [:], _ status: JSONValue = [:]) -> JSONValue {
        ["metadata": ["name": "web", "namespace": "shop"], "spec": spec, "status": status]
    }

    @Test func eachHopHasTheTimeWhenItWasSeenFirst() {
        var trace = PodTrace(key)
        trace.see(nil, now: .zero)
        trace.see(pod(), now: .milliseconds(1000))
        trace.see(pod(["nodeName": "node-1"]), now: .milliseconds(1010))
        trace.see(pod(["nodeName": "node-1"]), now: .milliseconds(1020))
        let running: JSONValue = ["podIP": "10.0.0.1", "containerStatuses": [["state": ["running": [:]]]]]
        trace.see(pod(["nodeName": "node-1"], running), now: .milliseconds(1400))
        #expect(!trace.isDone(withSlice: false))
        var ready = running
        ready[path: "conditions"] = [["type": "Ready", "status": "True"]]
        trace.see(pod(["nodeName": "node-1"], ready), now: .milliseconds(1500))
        #expect(trace.isDone(withSlice: false) && !trace.isDone(withSlice: true))
        trace.see(
            slice: [
                "metadata": ["namespace": "shop"],
                "endpoints": [["targetRef": ["name": "web"], "conditions": ["ready": true]]],
            ], now: .milliseconds(1510))
        #expect(trace.isDone(withSlice: true))
        #expect(trace.hops[.bound]?.time == .milliseconds(1010) && trace.hops[.started]?.time == .milliseconds(1400))
        // A proxy heard of the slice before this client did.
        trace.see(.programmed, at: .milliseconds(1508))
        trace.see(.named, at: .milliseconds(1512))
        let lines = trace.drawing(width: 20).split(separator: "\n")
        #expect(lines.count == 9 && lines[0] == "shop/web on node-1 10.0.0.1")
        #expect(lines[6].contains("510 ms") && lines[6].contains("+   10"))
        #expect(lines[7].contains("510 ms  +    0  in the rules of every proxy"))
        #expect(lines[8].contains("512 ms  +    2  found by DNS"))
    }

    @Test func whatWasThereBeforeHasTheTimesOfItsObject() {
        func condition(_ type: String, _ second: Int) -> JSONValue {
            ["type": .string(type), "status": "True", "lastTransitionTime": .string("2026-01-02T03:04:0\(second)Z")]
        }
        let object: JSONValue = [
            "metadata": ["name": "web", "namespace": "shop", "creationTimestamp": "2026-01-02T03:04:01Z"],
            "spec": ["nodeName": "node-1"],
            "status": [
                "podIP": "10.0.0.1",
                "conditions": [condition("PodScheduled", 1), condition("Ready", 5)],
                "containerStatuses": [
                    ["state": ["running": ["startedAt": "2026-01-02T03:04:03Z"]]],
                    ["state": ["running": ["startedAt": "2026-01-02T03:04:04Z"]]],
                ],
            ],
        ]
        var trace = PodTrace(key)
        trace.see(object, now: .seconds(9_000_000_000))
        #expect(trace.isDone(withSlice: false) && trace.hops[.ready]?.isWatched == false)
        trace.see(
            slice: ["metadata": ["namespace": "shop"], "endpoints": [["targetRef": ["name": "web"]]]],
            now: .seconds(9_000_000_001))
        let lines = trace.drawing().split(separator: "\n").map {
            $0.split(separator: " ").prefix(3).joined(separator: " ")
        }
        #expect(
            lines == [
                "shop/web on node-1", "0 ms +", "0 ms +", "before sandbox and", "3000 ms +",
                "4000 ms +", "before in an", "It was there",
            ], "\(trace.drawing())")
    }

    /// A pod that was bound when the trace began, and became ready while it ran.
    @Test func whatHappensFromThenOnIsWatched() {
        var trace = PodTrace(key)
        trace.see(pod(["nodeName": "node-1"]), now: .seconds(5))
        trace.see(
            pod(["nodeName": "node-1"], ["conditions": [["type": "Ready", "status": "True"]]]), now: .seconds(7))
        trace.see(
            slice: ["metadata": ["namespace": "shop"], "endpoints": [["targetRef": ["name": "web"]]]], now: .seconds(8))
        #expect(trace.hops[.bound]?.isWatched == false)
        #expect(trace.hops[.ready] == .init(time: .seconds(7), isWatched: true))
        #expect(trace.hops[.listed] == .init(time: .seconds(8), isWatched: true))
    }

    @Test func slicesOfOtherPodsDoNotCount() {
        var trace = PodTrace(key)
        trace.see(nil, now: .zero)
        trace.see(
            slice: ["metadata": ["namespace": "other"], "endpoints": [["targetRef": ["name": "web"]]]], now: .zero)
        trace.see(slice: ["metadata": ["namespace": "shop"], "endpoints": [["targetRef": ["name": "db"]]]], now: .zero)
        #expect(trace.hops.isEmpty)
    }
}
