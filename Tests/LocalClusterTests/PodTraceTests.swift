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
        #expect(
            trace.times[.bound] == .some(.milliseconds(1010)) && trace.times[.started] == .some(.milliseconds(1400)))
        let lines = trace.drawing(width: 20).split(separator: "\n")
        #expect(lines.count == 7 && lines[0] == "shop/web on node-1 10.0.0.1")
        #expect(lines[6].contains("510 ms") && lines[6].contains("+   10"))
    }

    @Test func whatWasThereBeforeHasNoTimes() {
        var trace = PodTrace(key)
        trace.see(
            pod(["nodeName": "node-1"], ["podIP": "10.0.0.1", "conditions": [["type": "Ready", "status": "True"]]]),
            now: .seconds(1))
        #expect(trace.isDone(withSlice: false) && trace.times[.ready] == .some(nil))
        #expect(trace.drawing().contains("was there before"))
    }

    @Test func slicesOfOtherPodsDoNotCount() {
        var trace = PodTrace(key)
        trace.see(nil, now: .zero)
        trace.see(
            slice: ["metadata": ["namespace": "other"], "endpoints": [["targetRef": ["name": "web"]]]], now: .zero)
        trace.see(slice: ["metadata": ["namespace": "shop"], "endpoints": [["targetRef": ["name": "db"]]]], now: .zero)
        #expect(trace.times.isEmpty)
    }
}
