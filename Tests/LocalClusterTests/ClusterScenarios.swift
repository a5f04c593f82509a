import Foundation
import Glibc
import Lab
import Namespaces
import TestPrograms
import TestThreads
import Testing

@testable import LocalCluster

/// The whole, with real parts: store, API server, scheduler, controllers, DNS, and on each node agent, containers and proxy.
@Suite(
    .ownThread, .serialized, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"),
    .needs("kubectl", "runc", "busybox"),
    .timeLimit(.minutes(20)))
struct ClusterScenarios {
    @Test func fromNothingToBalancedRequestsAndBack() throws {
        let cluster = try RealCluster(nodes: 2)
        let layout = cluster.layout
        // Balanced, from outside and from a pod by name.
        let summary = try cluster.requests(30)
        #expect(summary.replies == 30)
        #expect(summary.perBackend.count == SampleObjects.replicas, "\(summary)")
        let answer = try cluster.kubectl(["exec", "client", "--", "wget", "-qO-", "http://echo/"])
        #expect(answer.contains("echo-"), "\(answer)")
        let lookup = try cluster.kubectl(["exec", "client", "--", "nslookup", "echo.default.svc.cluster.local"])
        let address = try cluster.kubectl(["get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}"])
        #expect(lookup.contains(address), "\(lookup)")
        // People's view.
        let status = try cluster.apus(["status"])
        #expect(status.contains("default/echo") && status.contains("80:30080/TCP"), "\(status)")
        #expect(!status.contains("does not run"), "\(status)")
        try logsAreForProgramsAndPeople(cluster)
        try partsSayHowTheyAre(cluster)
        // Informers share a connection; the manager has about fifty.
        let manager = try #require(try cluster.process(of: "controller-manager"))
        let files = "/proc/\(manager.pid)/fd"
        let sockets = try FileManager.default.contentsOfDirectory(atPath: files).count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(files)/\($0)"))?.hasPrefix("socket:")
                ?? false
        }
        #expect((2...12).contains(sockets), "\(sockets) sockets")
        // Every part killed, one after the other: it comes back, and nobody outside notices.
        for part in ["node-1/proxy", "node-1/agent", "apiserver", "controller-manager", "scheduler", "dns"] {
            let before = try #require(try cluster.process(of: part), "\(part)")
            kill(before.pid, SIGKILL)
            #expect(try cluster.requests(10).replies == 10, "while \(part) is away")
            try cluster.wait("new \(part)") { try cluster.process(of: part).map { $0 != before } ?? false }
        }
        try cluster.wait("answer of the API server") {
            (try? cluster.kubectl(["get", "--raw", "/readyz"])) == "ok"
        }
        try cluster.kubectl(["scale", "deployment", "echo", "--replicas=4"])
        try cluster.kubectl(["rollout", "status", "deployment", "echo", "--timeout=60s"], seconds: 90)
        #expect(
            try cluster.kubectl(["get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}"])
                .split(separator: " ").allSatisfy { $0 == "0" })
        // The end, and again with the same objects.
        try cluster.apus(["down"])
        try expectNothingLeft(layout)
        try cluster.apus(["up"], seconds: 240)
        try cluster.kubectl(["rollout", "status", "deployment", "echo", "--timeout=90s"], seconds: 120)
        try cluster.wait("balanced requests") { try cluster.requests(8).replies == 8 }
        try cluster.apus(["down", "--delete-data"])
        try expectNothingLeft(layout)
        #expect(!FileManager.default.fileExists(atPath: layout.dataDirectory))
    }

    private func logsAreForProgramsAndPeople(_ cluster: RealCluster) throws {
        for part in ["keeper", "apiserver", "controller-manager", "scheduler", "dns", "node-1/agent", "node-1/proxy"] {
            let lines = try cluster.apus(["logs", part, "-o", "json"]).split(separator: "\n")
            #expect(!lines.isEmpty, "\(part) says nothing")
            for line in lines {
                let members = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(members?["msg"] is String && members?["ts"] is Double, "\(part): \(line)")
            }
        }
        let text = try cluster.apus(["logs", "keeper"])
        #expect(text.contains(" started  component=apiserver pid="), "\(text)")
    }

    private func partsSayHowTheyAre(_ cluster: RealCluster) throws {
        let (control, node) = (cluster.layout.controlNamespace, cluster.layout.nodeNamespace(1))
        for (port, namespace) in [(10257, control), (10259, control), (9153, control), (10260, control), (10248, node)]
        {
            for path in ["healthz", "livez", "readyz"] {
                #expect(try cluster.page("http://127.0.0.1:\(port)/\(path)", in: namespace) == "ok", "\(port)/\(path)")
            }
            let metrics = try cluster.page("http://127.0.0.1:\(port)/metrics", in: namespace)
            #expect(metrics.contains("process_resident_memory_bytes "), "\(port)")
        }
        let keeper = try cluster.page("http://127.0.0.1:10260/metrics", in: control)
        #expect(keeper.contains("apus_keeper_component_running{component=\"node-1/agent\"} 1\n"), "\(keeper)")
        #expect(keeper.contains("apus_keeper_component_starts_total{component=\"dns\"} 1\n"), "\(keeper)")
    }

    private func expectNothingLeft(_ layout: ClusterLayout) throws {
        #expect(try ClusterWiring(layout).namespaces().isEmpty)
        let mounts = KernelFile.text("/proc/self/mountinfo")
        #expect(!mounts.contains(layout.dataDirectory) && !mounts.contains(layout.runDirectory))
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        for pid in processes {
            let command = KernelFile.text("/proc/\(pid)/cmdline")
            #expect(!command.contains(layout.dataDirectory), "\(command) runs")
        }
        for hierarchy in try FileManager.default.contentsOfDirectory(atPath: "/sys/fs/cgroup") {
            #expect(!FileManager.default.fileExists(atPath: "/sys/fs/cgroup/\(hierarchy)\(layout.cgroup)"))
        }
        #expect(!FileManager.default.fileExists(atPath: layout.runDirectory))
    }
}
