import Foundation
import Glibc
import Lab
import NetTypes
import TestPrograms
import TestThreads
import Testing

@testable import LocalCluster

/// What docs/scenarios.md shows, on one cluster of three nodes.
@Suite(
    .ownThread, .serialized, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"),
    .needs("kubectl", "runc", "busybox"),
    .timeLimit(.minutes(20)))
struct LabScenarios {
    @Test func theScenariosOfTheDocs() throws {
        let cluster = try RealCluster(nodes: 3)
        try podsReachEachOtherWithoutNAT(cluster)
        try traces(cluster)
        try rollingUpdateLosesNoRequest(cluster)
        try scaling(cluster)
        try usage(cluster)
        try affinity(cluster)
        try statefulNames(cluster)
        try jobs(cluster)
        try refusals(cluster)
        try loadBalancer(cluster)
        try nodeLoss(cluster)
        try linksAndNewNodes(cluster)
    }

    /// Every pod sees the address of the pod that asks.
    private func podsReachEachOtherWithoutNAT(_ cluster: RealCluster) throws {
        let path = #"jsonpath={range .items[*]}{.metadata.name} {.status.podIP} {.spec.nodeName}{"\n"}{end}"#
        let pods = try cluster.kubectl(["get", "pods", "-l", "app=echo", "-o", path]).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        #expect(Set(pods.map { $0[2] }).count > 1, "\(pods)")
        for one in pods {
            for other in pods where other != one {
                let answer = try cluster.kubectl(["exec", one[0], "--", "wget", "-qO-", "http://\(other[1]):8080/"])
                let reply = EchoReply(answer.trimmingCharacters(in: .whitespacesAndNewlines))
                #expect(reply?.backend == other[0] && reply?.peer.address == IPAddress(one[1]), "\(answer)")
            }
        }
    }

    /// From nothing to a name that DNS finds, and of a pod that is there already.
    private func traces(_ cluster: RealCluster) throws {
        try cluster.kubectl(["create", "service", "clusterip", "seen", "--tcp=80:8080"])
        try cluster.kubectl(["set", "selector", "service", "seen", "run=seen"])
        let trace = ["trace", "pod", "seen", "--kubeconfig", cluster.layout.kubeconfig]
        let watching = try BackgroundWork("") { round in
            guard round == 0 else { return { _ in } }
            let said: String
            do { said = try RealCluster.run(RealCluster.program, trace, seconds: 100) } catch { said = "\(error)" }
            return { $0 = said }
        }
        sleep(2)
        try cluster.kubectl(["run", "seen", "--image=apus/lab:v1"])
        let text = watching.stop()
        let lines = text.split(separator: "\n").dropFirst().map(String.init)
        #expect(lines.count == PodTrace.Hop.allCases.count, "\(text)")
        for (line, hop) in zip(lines, PodTrace.Hop.allCases) { #expect(line.contains(" \(hop.rawValue)"), "\(text)") }
        let times = lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
        #expect(times.count == lines.count && times == times.sorted() && times.last ?? 0 > 0, "\(text)")
        let again = try RealCluster.run(RealCluster.program, trace, seconds: 100)
        #expect(again.contains("ready") && again.contains("was there before"), "\(again)")
        try cluster.kubectl(["delete", "pod/seen", "service/seen", "--wait=false"])
    }

    private func rollingUpdateLosesNoRequest(_ cluster: RealCluster) throws {
        let load = try cluster.requestsInBackground()
        try cluster.kubectl(["set", "env", "deployment/echo", "VERSION=2"])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=100s"], seconds: 120)
        let outcome = load.stop()
        #expect(outcome.failed == 0 && outcome.replies > 20, "\(outcome)")
    }

    private func scaling(_ cluster: RealCluster) throws {
        try cluster.kubectl(["scale", "deployment/echo", "--replicas=5"])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
        try cluster.wait("answers of five replicas") { try cluster.requests(40).perBackend.count == 5 }
        try cluster.kubectl(["scale", "deployment/echo", "--replicas=2"])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
    }

    /// Nobody installed a metrics-server.
    private func usage(_ cluster: RealCluster) throws {
        let nodes = try cluster.kubectl(["top", "nodes", "--no-headers"])
        #expect(nodes.split(separator: "\n").count == 3 && nodes.contains(/node-1 +\d+m/), "\(nodes)")
        let pods = try cluster.kubectl(["top", "pods", "-l", "app=echo", "--no-headers"])
        #expect(
            !pods.isEmpty && pods.split(separator: "\n").allSatisfy { $0.contains(/^echo-.* \d+m +\d+Mi/) }, "\(pods)")
        let parts = try cluster.kubectl(["get", "componentstatuses", "--no-headers"])
        #expect(parts.matches(of: /Healthy +ok/).count == 3, "\(parts)")
    }

    private func affinity(_ cluster: RealCluster) throws {
        let patch = #"{"spec":{"sessionAffinity":"ClientIP"}}"#
        try cluster.kubectl(["patch", "service", "echo", "-p", patch])
        try cluster.wait("one replica for one client", seconds: 90) { try cluster.requests(8).perBackend.count == 1 }
        try cluster.kubectl(["patch", "service", "echo", "-p", #"{"spec":{"sessionAffinity":"None"}}"#])
    }

    private func statefulNames(_ cluster: RealCluster) throws {
        try cluster.apply(
            #"""
            apiVersion: v1
            kind: Service
            metadata: {name: db}
            spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 8080}]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              serviceName: db
              replicas: 2
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: db, image: "apus/lab:v1", imagePullPolicy: IfNotPresent}]
            """#)
        try cluster.kubectl(["rollout", "status", "statefulset/db", "--timeout=120s"], seconds: 150)
        func address(_ pod: String) throws -> String {
            try cluster.kubectl(["get", "pod", pod, "-o", "jsonpath={.status.podIP}"])
        }
        func wait(for answers: [String], of words: String...) throws {
            try cluster.wait("\(answers) of \(words)", seconds: 90) {
                let found = (try? cluster.kubectl(["exec", "client", "--", "nslookup"] + words)) ?? ""
                return answers.allSatisfy(found.contains)
            }
        }
        let first = try address("db-1")
        try wait(for: [first], of: "db-1.db.default.svc.cluster.local")
        try wait(for: [first, try address("db-0")], of: "db.default.svc.cluster.local")
        try wait(
            for: ["8080 db-0.db.default", "8080 db-1.db.default"], of: "-type=srv",
            "_sql._tcp.db.default.svc.cluster.local")
        // A new pod of the same name has another address.
        try cluster.kubectl(["delete", "pod", "db-1"])
        try cluster.kubectl(["rollout", "status", "statefulset/db", "--timeout=120s"], seconds: 150)
        let second = try address("db-1")
        #expect(second != first)
        try wait(for: [second], of: "db-1.db.default.svc.cluster.local")
        try cluster.kubectl(["delete", "statefulset,service", "db", "--wait=false"])
    }

    private func jobs(_ cluster: RealCluster) throws {
        let image = "--image=apus/lab:v1"
        try cluster.kubectl(["create", "cronjob", "tick", image, "--schedule=* * * * *", "--", "sh", "-c", "echo done"])
        try cluster.kubectl(["create", "job", "once", "--from=cronjob/tick"])
        try cluster.kubectl(["wait", "--for=condition=Complete", "job/once", "--timeout=120s"], seconds: 150)
        #expect(try cluster.kubectl(["logs", "job/once"]) == "done\n")
        let done = "jsonpath={.items[?(@.status.succeeded==1)].metadata.name}"
        try cluster.wait("Job of the minute", seconds: 100) {
            try cluster.kubectl(["get", "jobs", "-o", done]).contains("tick-")
        }
        try cluster.kubectl(["delete", "cronjob/tick", "--wait=false"])
    }

    private func refusals(_ cluster: RealCluster) throws {
        try cluster.kubectl(["create", "namespace", "small"])
        try cluster.kubectl(["create", "quota", "few", "--hard=configmaps=2", "-n", "small"])
        try cluster.wait("usage of the quota", seconds: 90) {
            try !cluster.kubectl(["get", "quota", "few", "-n", "small", "-o", "jsonpath={.status.used}"]).isEmpty
        }
        #expect {
            for number in 1...3 { try cluster.kubectl(["create", "configmap", "c\(number)", "-n", "small"]) }
        } throws: { "\($0)".contains("exceeded quota: few") }
        #expect(try cluster.kubectl(["get", "configmap", "c1", "-n", "small", "-o", "name"]) == "configmap/c1\n")
        do {
            try cluster.kubectl(["get", "secrets", "-n", "small", "--as=nobody"])
            Issue.record("nobody may read secrets")
        } catch {
            #expect("\(error)".contains(#"User "nobody" cannot list resource "secrets""#))
        }
        try cluster.kubectl(["delete", "namespace", "small", "--wait=false"])
    }

    private func loadBalancer(_ cluster: RealCluster) throws {
        try cluster.kubectl([
            "expose", "deployment/echo", "--name=public", "--type=LoadBalancer", "--port=80", "--target-port=8080",
        ])
        let path = "jsonpath={.status.loadBalancer.ingress[0].ip}"
        var address = ""
        try cluster.wait("address", seconds: 90) {
            address = try cluster.kubectl(["get", "service", "public", "-o", path])
            return !address.isEmpty
        }
        let target = AddressPort(try #require(IPAddress(address)), 80)
        try cluster.wait("answer at \(target)", seconds: 90) { try cluster.request(target, count: 6).replies == 6 }
    }

    /// The node's pods are made anew elsewhere, after the 40 s of the node lifecycle and what they tolerate.
    private func nodeLoss(_ cluster: RealCluster) throws {
        let patch = #"""
            {"spec":{"template":{"spec":{"tolerations":[
            {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":1},
            {"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":1}]}}}}
            """#
        try cluster.kubectl(["patch", "deployment", "echo", "-p", patch])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
        try cluster.apus(["node", "stop", "2"])
        try cluster.kubectl(["wait", "--for=condition=Ready=Unknown", "node/node-2", "--timeout=90s"], seconds: 120)
        // Those of the lost node stay as Terminating until it says that they are gone.
        func nodes() throws -> [Substring] {
            let lines = try cluster.kubectl([
                "get", "pods", "-l", "app=echo", "-o",
                #"jsonpath={range .items[*]}{.metadata.deletionTimestamp}/{.spec.nodeName}{"\n"}{end}"#,
            ]).split(separator: "\n")
            return lines.filter { $0.hasPrefix("/") }.map { $0.dropFirst() }
        }
        try cluster.wait("two replicas on other nodes", seconds: 90) {
            try nodes().count == 2 && !nodes().contains("node-2")
        }
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
        try cluster.wait("answers of both", seconds: 90) {
            let summary = try cluster.requests(20)
            return summary.replies == 20 && summary.perBackend.count == 2
        }
        try cluster.apus(["node", "start", "2"])
        try cluster.kubectl(["wait", "--for=condition=Ready", "node/node-2", "--timeout=120s"], seconds: 150)
    }

    private func linksAndNewNodes(_ cluster: RealCluster) throws {
        let port = AddressPort(ClusterLayout.nodeAddress(3), SampleObjects.nodePort)
        try cluster.apus(["node", "cut", "3"])
        #expect(try cluster.request(port, count: 1).replies == 0)
        #expect(try cluster.apus(["status"]).contains("cut off"))
        #expect(try cluster.process(of: "node-3/agent") != nil)
        try cluster.apus(["node", "join", "3"])
        try cluster.wait("answer of node-3") { try cluster.request(port, count: 1).replies == 1 }
        try cluster.apus(["node", "add"])
        try cluster.wait("node-4") { (try? cluster.kubectl(["get", "node", "node-4"])) != nil }
        try cluster.kubectl(["wait", "--for=condition=Ready", "node/node-4", "--timeout=90s"], seconds: 120)
    }
}
