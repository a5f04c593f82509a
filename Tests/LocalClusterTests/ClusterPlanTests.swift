import Foundation
import KubeAPI
import NetTypes
import Testing

@testable import LocalCluster

struct ClusterPlanTests {
    private let layout = ClusterLayout(name: "lab", dataDirectory: "/data", program: "/bin/apus")

    @Test func everyNodeHasAnAgentAndAProxy() throws {
        var settings = ClusterSettings(nodes: 2, proxyMode: "ipvs", port: 6443)
        #expect(
            layout.components(settings).map(\.name) == [
                "apiserver", "controller-manager", "scheduler", "dns", "node-1/agent", "node-1/proxy", "node-2/agent",
                "node-2/proxy",
            ])
        try settings.change(1) { $0.isStopped = true }
        let left = layout.components(settings)
        #expect(!left.contains { $0.namespace == "lab-node-1" })
        let proxy = try #require(left.last)
        #expect(proxy.namespace == "lab-node-2" && proxy.arguments.contains("ipvs"))
    }

    /// Only the API server is reached from the machine, and it ends last.
    @Test func theAPIServerHasTheDoor() {
        let parts = layout.components(ClusterSettings(nodes: 1, proxyMode: "nftables", port: 6443))
        #expect(parts.filter(\.hasDoor).map(\.name) == ["apiserver"])
        #expect(parts.filter { $0.rank == 0 }.map(\.name) == ["apiserver"])
    }

    @Test func numbersOfNodesAreUsedAgain() throws {
        var settings = ClusterSettings(nodes: 3, proxyMode: "nftables", port: 1)
        settings.nodes.removeAll { $0.number == 2 }
        #expect(try settings.addNode() == 2)
        #expect(try settings.addNode() == 4)
        #expect(throws: ClusterFailure("there is no node 9; there are 1, 3, 2, 4")) {
            try settings.change(9) { $0.isCut = true }
        }
    }

    @Test(arguments: [
        ("lab-control", true), ("lab-node-1", true), ("lab-node-x", false), ("lab-2-control", false), ("lab", false),
        ("other-control", false),
    ])
    func tellsItsNamespacesFromOthers(_ name: String, _ isOurs: Bool) { #expect(layout.isMember(name) == isOurs) }

    @Test func settingsOutliveTheProcess() throws {
        let folder = NSTemporaryDirectory() + "apus-settings-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let layout = ClusterLayout(name: "lab", dataDirectory: folder, program: "/bin/apus")
        #expect(try ClusterSettings.read(layout) == nil)
        var settings = ClusterSettings(nodes: 2, proxyMode: "auto", port: 7000)
        try settings.change(2) { $0.isCut = true }
        try settings.write(layout)
        #expect(try ClusterSettings.read(layout) == settings)
        try Data("{".utf8).write(to: URL(filePath: layout.settings))
        #expect(throws: ClusterFailure.self) { try ClusterSettings.read(layout) }
    }

    @Test func aRunningClusterGetsWhatItCanHave() throws {
        var known = ClusterSettings(nodes: 3, proxyMode: "nftables", port: 6443)
        try known.change(2) { $0.isStopped = true }
        #expect(try ClusterWish().applied(to: known, isRunning: true) == known)
        let more = try ClusterWish(nodes: 5, proxyMode: "ipvs", port: 6443).applied(to: known, isRunning: true)
        #expect(more.nodes.map(\.number) == [1, 2, 3, 4, 5] && more.nodes[1].isStopped && more.proxyMode == "ipvs")
        #expect(throws: ClusterFailure.self) { try ClusterWish(nodes: 2).applied(to: known, isRunning: false) }
        #expect(throws: ClusterFailure.self) { try ClusterWish(port: 7000).applied(to: known, isRunning: true) }
        #expect(try ClusterWish(port: 7000).applied(to: known, isRunning: false).port == 7000)
        #expect(ClusterWish(nodes: 1).settings == ClusterSettings(nodes: 1, proxyMode: "nftables", port: 6443))
    }

    @Test func pathsAreAsTheKernelWritesThem() throws {
        let folder = CanonicalPath.of(NSTemporaryDirectory()) + "/apus-path-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/real", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real")
        for text in ["./real/new", "real//new/", "link/new", "link/../real/./new", "\(folder)/real/new"] {
            #expect(CanonicalPath.of(text, from: folder) == folder + "/real/new", "\(text)")
        }
        #expect(CanonicalPath.of("../..", from: "/none/here") == "/")
    }

    @Test func mountPointsAreReadWithoutTheirEscapes() {
        #expect(Teardown.plain(#"/a\040b\011c\134d"#) == "/a b\tc\\d")
        #expect(Teardown.plain(#"/a\9"#) == #"/a\9"#)
    }

    @Test func readsWhatProxiesSay() {
        let metrics = """
            # TYPE kubeproxy_sync_proxy_rules_last_timestamp_seconds gauge
            kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"} 1.7640000000125e+09
            kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv6"} 0
            """
        #expect(ClusterProbes.lastSync(metrics: metrics) == .milliseconds(1_764_000_000_012) + .microseconds(500))
        #expect(ClusterProbes.lastSync(metrics: "") == nil)
        #expect(PageQuestion.answer("HTTP/1.1 503 Busy\r\nA: b\r\n\r\nno") == .init(status: 503, body: "no"))
        #expect(PageQuestion.answer("HTTP/1.1 200") == nil)
    }

    @Test func podsAreSeenAsKubectlShowsThem() {
        func pod(_ status: JSONValue, _ metadata: JSONValue = [:]) -> PodView {
            PodView(["metadata": metadata, "status": status])
        }
        let crashing: JSONValue = [
            "phase": "Running",
            "containerStatuses": [["restartCount": 3, "state": ["waiting": ["reason": "CrashLoopBackOff"]]]],
        ]
        #expect(pod(crashing).state == "CrashLoopBackOff" && pod(crashing).restarts == 3)
        #expect(pod(["phase": "Succeeded"]).isCompleted)
        #expect(pod(crashing, ["deletionTimestamp": "2026-01-02T03:04:05Z"]).state == "Terminating")
        #expect(pod([:]).state == "Unknown" && pod(["phase": "Failed", "reason": "Evicted"]).state == "Evicted")
        let service = ServiceView([
            "spec": ["selector": ["app": "a"], "externalIPs": ["192.0.2.9"]],
            "status": ["loadBalancer": ["ingress": [["ip": "10.97.0.1"]]]],
        ])
        #expect(service.externalIPs == ["10.97.0.1", "192.0.2.9"])
        #expect(service.selects(["app": "a", "b": "c"]) && !service.selects(["app": "b"]))
    }
}
