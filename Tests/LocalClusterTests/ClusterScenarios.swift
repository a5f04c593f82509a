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
        try everyPartIsKilledInTurn(cluster)
        try dnsRunsAsPods(cluster)
        try aRunningClusterIsChanged(cluster)
        try aRestartKeepsPodsAndVolumes(cluster)
        // A crash of the whole: what the kernel still has goes, found by the name alone.
        for process in try cluster.processes().values { kill(process.pid, SIGKILL) }
        kill(try #require(layout.keeper).pid, SIGKILL)
        try RealCluster.run(RealCluster.program, ["down", "--delete-data", "--name", layout.name], seconds: 60)
        try expectNothingLeft(layout)
        #expect(!FileManager.default.fileExists(atPath: layout.dataDirectory))
    }

    /// It comes back, nobody outside notices, nothing that was acknowledged is lost, and no container starts again.
    private func everyPartIsKilledInTurn(_ cluster: RealCluster) throws {
        let layout = cluster.layout
        let containers = try cluster.containers()
        let (requests, writes) = (try cluster.requestsInBackground(), try cluster.writesInBackground())
        for (part, before) in try cluster.processes() {
            kill(before.pid, SIGKILL)
            try cluster.wait("new \(part)") { try cluster.process(of: part).map { $0 != before } ?? false }
        }
        try cluster.wait("answer of the API server") {
            (try? cluster.kubectl(["get", "--raw", "/readyz"])) == "ok"
        }
        // The keeper, which nobody starts again: the rest goes on until `apus up` does, which takes up what runs.
        let parts = try cluster.processes()
        kill(try #require(layout.keeper).pid, SIGKILL)
        try cluster.wait("end of the keeper") { layout.keeper == nil }
        #expect(try cluster.apus(["status"]).contains("does not run"))
        #expect {
            try cluster.apus(["node", "stop", "2"])
        } throws: { "\($0)".contains("without its keeper") }
        try cluster.apus(["up"], seconds: 240)
        #expect(try cluster.processes() == parts)
        try cluster.kubectl(["scale", "deployment", "echo", "--replicas=4"])
        try cluster.kubectl(["rollout", "status", "deployment", "echo", "--timeout=60s"], seconds: 90)
        let outcome = requests.stop()
        #expect(outcome.failed == 0 && outcome.replies > 50, "\(outcome)")
        let written = writes.stop()
        let found = try cluster.kubectl(["get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}"])
        let lost = Set(written).subtracting(found.split(separator: " ").map(String.init))
        #expect(lost.isEmpty && written.count > 10, "of \(written.count) lost: \(lost)")
        #expect(try cluster.containers().isSuperset(of: containers))
    }

    /// The manifest of docs/dns.md as it is there.
    private func dnsRunsAsPods(_ cluster: RealCluster) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/dns.md"), encoding: .utf8)
        let manifest = try #require(
            page.components(separatedBy: "```yaml\n").last?.components(separatedBy: "```").first)
        try cluster.apply(manifest)
        let system = ["-n", "kube-system"]
        try cluster.kubectl(["rollout", "status", "deployment/apus-dns", "--timeout=90s"] + system, seconds: 120)
        let wanted = try cluster.kubectl(["get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}"])
        let servers = try cluster.kubectl(
            ["get", "pods", "-l", "k8s-app=kube-dns", "-o", "jsonpath={.items[*].status.podIP}"] + system
        ).split(separator: " ").map(String.init)
        #expect(servers.count == 2)
        for server in servers {
            let name = "echo.default.svc.cluster.local"
            let answer = try cluster.kubectl(["exec", "client", "--", "nslookup", name, server])
            #expect(answer.contains(wanted), "\(answer)")
        }
        try cluster.kubectl(["delete", "deployment", "apus-dns", "--wait=false"] + system)
    }

    private func aRunningClusterIsChanged(_ cluster: RealCluster) throws {
        #expect {
            try cluster.apus(["up", "--nodes", "1"])
        } throws: { "\($0)".contains("the cluster has 2") }
        try cluster.apus(["up", "--nodes", "3", "--proxy-mode", "iptables"], seconds: 240)
        for number in 1...3 {
            let page = try cluster.page("http://127.0.0.1:10249/proxyMode", in: cluster.layout.nodeNamespace(number))
            #expect(page == "iptables")
        }
        #expect(try cluster.requests(10).replies == 10)
        #expect(try cluster.kubectl(["get", "nodes"]).contains("node-3"))
    }

    private func aRestartKeepsPodsAndVolumes(_ cluster: RealCluster) throws {
        try cluster.apply(
            #"""
            apiVersion: v1
            kind: Pod
            metadata: {name: diary}
            spec:
              terminationGracePeriodSeconds: 0
              volumes: [{name: pages, emptyDir: {}}]
              containers:
              - name: diary
                image: apus/lab:v1
                imagePullPolicy: IfNotPresent
                command: [sleep, "1000000"]
                volumeMounts: [{name: pages, mountPath: /pages}]
            """#)
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/diary", "--timeout=90s"], seconds: 120)
        try cluster.kubectl(["exec", "diary", "--", "sh", "-c", "echo kept > /pages/1"])
        let identity = ["get", "pod", "diary", "-o", "jsonpath={.metadata.uid} {.spec.nodeName}"]
        let before = try cluster.kubectl(identity)
        try cluster.apus(["down"])
        try expectNothingLeft(cluster.layout)
        try cluster.apus(["up"], seconds: 240)
        try cluster.kubectl(["rollout", "status", "deployment", "echo", "--timeout=90s"], seconds: 120)
        try cluster.wait("balanced requests") { try cluster.requests(8).replies == 8 }
        try cluster.wait("page of the diary") {
            (try? cluster.kubectl(["exec", "diary", "--", "cat", "/pages/1"])) == "kept\n"
        }
        #expect(try cluster.kubectl(identity) == before)
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
        for (port, namespace) in [
            (10257, control), (10259, control), (9153, control), (10260, control), (10248, node), (10249, node),
        ] {
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
        let hierarchies = try FileManager.default.contentsOfDirectory(atPath: "/sys/fs/cgroup").map { "/" + $0 }
        for hierarchy in [""] + hierarchies {
            #expect(!FileManager.default.fileExists(atPath: "/sys/fs/cgroup\(hierarchy)\(layout.cgroup)"))
        }
        #expect(!FileManager.default.fileExists(atPath: layout.runDirectory))
    }
}
