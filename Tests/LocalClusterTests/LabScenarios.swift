import Foundation
import Glibc
import Lab
import Namespaces
import NetTypes
import Synchronization
import TestPrograms
import TestThreads
import Testing
import Threads

@testable import LocalCluster

/// What docs/scenarios.md shows, on one cluster of two nodes.
@Suite(
    .ownThread, .serialized, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"),
    .needs("kubectl", "runc", "busybox"),
    .timeLimit(.minutes(20)))
struct LabScenarios {
    @Test func theScenariosOfTheDocs() throws {
        let cluster = try RealCluster(nodes: 2)
        try rollingUpdateLosesNoRequest(cluster)
        try scaling(cluster)
        try affinity(cluster)
        try statefulNames(cluster)
        try jobs(cluster)
        try refusals(cluster)
        try loadBalancer(cluster)
        try nodeLoss(cluster)
    }

    private func rollingUpdateLosesNoRequest(_ cluster: RealCluster) throws {
        let load = try BackgroundRequests(cluster)
        try cluster.kubectl(["set", "env", "deployment/echo", "VERSION=2"])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=100s"], seconds: 120)
        let outcome = load.stop()
        #expect(outcome.failed == 0 && outcome.replies > 20, "\(outcome)")
    }

    private func scaling(_ cluster: RealCluster) throws {
        try cluster.kubectl(["scale", "deployment/echo", "--replicas=5"])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
        try cluster.kubectl(["scale", "deployment/echo", "--replicas=2"])
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
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
            spec: {clusterIP: None, selector: {app: db}, ports: [{port: 8080}]}
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
        let address = try cluster.kubectl(["get", "pod", "db-1", "-o", "jsonpath={.status.podIP}"])
        try cluster.wait("name of db-1", seconds: 90) {
            let found = try? cluster.kubectl(["exec", "client", "--", "nslookup", "db-1.db.default.svc.cluster.local"])
            return found?.contains(address) ?? false
        }
        try cluster.kubectl(["delete", "statefulset,service", "db", "--wait=false"])
    }

    private func jobs(_ cluster: RealCluster) throws {
        let image = "--image=apus/lab:v1"
        try cluster.kubectl(["create", "cronjob", "tick", image, "--schedule=0 0 1 1 *", "--", "sh", "-c", "echo done"])
        try cluster.kubectl(["create", "job", "once", "--from=cronjob/tick"])
        try cluster.kubectl(["wait", "--for=condition=Complete", "job/once", "--timeout=120s"], seconds: 150)
        #expect(try cluster.kubectl(["logs", "job/once"]) == "done\n")
        try cluster.kubectl(["delete", "cronjob/tick", "--wait=false"])
    }

    private func refusals(_ cluster: RealCluster) throws {
        try cluster.kubectl(["create", "namespace", "small"])
        try cluster.kubectl(["create", "quota", "few", "--hard=configmaps=2", "-n", "small"])
        try cluster.wait("usage of the quota", seconds: 90) {
            try !cluster.kubectl(["get", "quota", "few", "-n", "small", "-o", "jsonpath={.status.used}"]).isEmpty
        }
        #expect(throws: (any Error).self) {
            for number in 0..<3 { try cluster.kubectl(["create", "configmap", "c\(number)", "-n", "small"]) }
        }
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
        try cluster.wait("answers from the other node alone", seconds: 90) {
            try cluster.requests(10).perBackend.values.reduce(0, +) == 10
        }
        try cluster.kubectl(["rollout", "status", "deployment/echo", "--timeout=120s"], seconds: 150)
        try cluster.apus(["node", "start", "2"])
        try cluster.kubectl(["wait", "--for=condition=Ready", "node/node-2", "--timeout=120s"], seconds: 150)
    }
}

/// Requests to the node port, one after the other, until stopped.
private final class BackgroundRequests: Sendable {
    struct Outcome {
        var replies = 0
        var failed = 0
    }

    private final class Tally: Sendable {
        let outcome = Mutex(Outcome())
        let isStopped = Mutex(false)
    }

    private let tally = Tally()
    private let thread: OwnThread

    init(_ cluster: RealCluster) throws {
        let namespace = cluster.layout.controlNamespace
        thread = try OwnThread { [tally] in
            let target = AddressPort(ClusterLayout.nodeAddress(1), SampleObjects.nodePort)
            while !tally.isStopped.withLock({ $0 }) {
                let summary = try? NetworkNamespace.named(namespace).run {
                    RequestSummary.request(Probe(.tcp, target, timeout: .seconds(8)), count: 2)
                }
                let replies = summary?.replies ?? 0
                tally.outcome.withLock {
                    $0.replies += replies
                    $0.failed += 2 - replies
                }
                usleep(20_000)
            }
        }
    }

    func stop() -> Outcome {
        tally.isStopped.withLock { $0 = true }
        thread.join()
        return tally.outcome.withLock { $0 }
    }
}
