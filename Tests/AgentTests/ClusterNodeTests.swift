import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

/// A whole cluster of the built programs, with kubectl as its user.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"), .needs("kubectl"))
struct ClusterNodeTests {
    private static let pod = #"""
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec:
          terminationGracePeriodSeconds: 1
          volumes:
          - {name: c, configMap: {name: settings}}
          - {name: s, secret: {secretName: hush}}
          containers:
          - name: httpd
            image: apus/lab
            imagePullPolicy: Never
            command: [sh, -c, "echo serving; mkdir /www; echo hello > /www/index.html; httpd -f -p 8080 -h /www"]
            volumeMounts: [{name: c, mountPath: /c}, {name: s, mountPath: /s}]
            readinessProbe: {httpGet: {path: /index.html, port: 8080}, periodSeconds: 1}
          - name: shell
            image: apus/lab
            imagePullPolicy: Never
            stdin: true
            env: [{name: FROM, valueFrom: {configMapKeyRef: {name: settings, key: key}}}]
            command: [sh, -c, "seq 1 10; echo $FROM; while read line; do echo got $line; done; sleep 1000"]
        """#

    private func withWeb() async throws -> LabCluster {
        let cluster = try await LabCluster()
        try cluster.kubectl(["create", "configmap", "settings", "--from-literal=key=value"])
        try cluster.kubectl(["create", "secret", "generic", "hush", "--from-literal=word=quiet"])
        try cluster.kubectl(["apply", "-f", "-"], input: Self.pod)
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/web", "--timeout=60s"])
        return cluster
    }

    @Test func aPodThatTheSchedulerBindsIsServedInEveryWay() async throws {
        let cluster = try await withWeb()
        #expect(try cluster.kubectl(["get", "pod", "web", "-o", "jsonpath={.status.podIP}"]).hasPrefix("10.244."))
        try logs(cluster)
        try metrics(cluster)
        for overSPDY in [false, true] { try commands(cluster, overSPDY: overSPDY) }
        try terminals(cluster)
        try attached(cluster)
        try await forwarded(cluster)
        try files(cluster)
        try await debugged(cluster)

        try cluster.kubectl(["delete", "pod", "web", "--timeout=60s"])
        try await cluster.machine.waitUntilEmpty()
    }

    private func logs(_ cluster: LabCluster) throws {
        #expect(try cluster.kubectl(["logs", "web", "-c", "httpd"]) == "serving\n")
        #expect(try cluster.kubectl(["logs", "web", "-c", "shell", "--tail=2"]) == "10\nvalue\n")
        #expect(try cluster.kubectl(["logs", "web", "-c", "shell", "--limit-bytes=4"]) == "1\n2\n")
        #expect(try cluster.kubectl(["logs", "web", "-c", "httpd", "--timestamps"]).hasSuffix("Z serving\n"))
        let previous = try cluster.kubectlResult(["logs", "web", "-c", "httpd", "--previous"])
        #expect(previous.status != 0 && previous.errors.contains("previous terminated container"), "\(previous)")
    }

    private func metrics(_ cluster: LabCluster) throws {
        func page(_ path: String) throws -> String {
            try cluster.kubectl(["get", "--raw", "/api/v1/nodes/node-1/proxy/\(path)"])
        }
        let resource = try page("metrics/resource")
        #expect(
            resource.contains(#"container_cpu_usage_seconds_total{container="httpd",namespace="default",pod="web"} "#))
        #expect(resource.contains(#"pod_memory_working_set_bytes{namespace="default",pod="web"} "#))
        let cadvisor = try page("metrics/cadvisor")
        #expect(
            cadvisor.contains(
                #"container_network_receive_bytes_total{interface="eth0",namespace="default",pod="web"} "#))
        #expect(cadvisor.contains("\nmachine_memory_bytes "))
        let probes = try page("metrics/probes")
        #expect(probes.contains(#"prober_probe_total{container="httpd",namespace="default",pod="web",pod_uid=""#))
        #expect(probes.contains(#"probe_type="Readiness",result="successful"} "#))
        #expect(try page("metrics").contains("kubelet_running_pods 1.0\n"))
    }

    private func commands(_ cluster: LabCluster, overSPDY: Bool) throws {
        let word = try cluster.kubectl(["exec", "web", "-c", "httpd", "--", "cat", "/s/word"], overSPDY: overSPDY)
        #expect(word == "quiet")
        let text = String(repeating: "0123456789abcdef", count: 60_000)
        let echoed = try cluster.kubectl(
            ["exec", "-i", "web", "-c", "shell", "--", "cat"], input: text, overSPDY: overSPDY)
        #expect(echoed == text, "\(echoed.utf8.count) bytes over \(overSPDY ? "SPDY" : "WebSocket")")
        let failed = try cluster.kubectlResult(
            ["exec", "web", "-c", "shell", "--", "sh", "-c", "echo out; echo bad >&2; exit 7"], overSPDY: overSPDY)
        #expect(failed.status == 7 && failed.output == "out\n", "\(failed)")
        #expect(failed.errors.hasPrefix("bad\n"), "\(failed)")
        let missing = try cluster.kubectlResult(["exec", "web", "-c", "shell", "--", "nothing"], overSPDY: overSPDY)
        #expect(missing.status != 0)
    }

    private func terminals(_ cluster: LabCluster) throws {
        for overSPDY in [false, true] {
            // The size comes after the start, so the process looks until it is there.
            let size = try cluster.kubectlOnTerminal(
                "exec -it web -c shell -- sh -c 'for i in $(seq 50); do stty size | grep -q \"33 77\" && break; sleep 0.1; done; stty size'",
                rows: 33, columns: 77, overSPDY: overSPDY)
            #expect(size.contains("33 77"), "\(size) over \(overSPDY ? "SPDY" : "WebSocket")")
        }
    }

    private func attached(_ cluster: LabCluster) throws {
        let result = try cluster.machine.run(
            "/bin/sh",
            ["-c", "(sleep 1; echo word; sleep 2) | timeout 20 kubectl attach -i web -c shell"],
            environment: ["KUBECONFIG=\(cluster.machine.folder)/admin.kubeconfig"])
        #expect(result.output.contains("got word"), "\(result)")
    }

    private func forwarded(_ cluster: LabCluster) async throws {
        try cluster.startKubectl("forward", ["port-forward", "pod/web", "18080:8080"])
        try await TimedOut.wait {
            cluster.machine.log("forward").contains("127.0.0.1:18080")
        } orSay: {
            cluster.machine.log("forward")
        }
        for _ in 0..<3 {
            let page = try cluster.machine.run("/bin/busybox", ["wget", "-qO-", "http://127.0.0.1:18080/index.html"])
            #expect(page.output == "hello\n", "\(page) \(cluster.machine.log("forward"))")
        }
        cluster.machine.stop("forward")
    }

    private func files(_ cluster: LabCluster) throws {
        let (there, back) = ("\(cluster.machine.folder)/there", "\(cluster.machine.folder)/back")
        let data = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        try data.write(to: URL(filePath: there))
        try cluster.kubectl(["cp", "-c", "shell", there, "web:/tmp/file"])
        try cluster.kubectl(["cp", "-c", "shell", "web:/tmp/file", back])
        #expect(try Data(contentsOf: URL(filePath: back)) == data)
    }

    private func debugged(_ cluster: LabCluster) async throws {
        try cluster.kubectl([
            "debug", "web", "--image=apus/lab", "--image-pull-policy=Never", "--container=look", "--target=httpd", "--",
            "sh", "-c", "wget -qO- http://127.0.0.1:8080/index.html; sleep 1000",
        ])
        try await TimedOut.wait {
            try cluster.kubectlResult(["logs", "web", "-c", "look"]).output == "hello\n"
        } orSay: {
            cluster.machine.log("agent")
        }
    }

    @Test func restartsKeepTheirLogsAndChangesReachTheirFiles() async throws {
        let cluster = try await LabCluster()
        try cluster.kubectl(["create", "configmap", "settings", "--from-literal=key=old", "--from-literal=gone=x"])
        try cluster.kubectl(
            ["apply", "-f", "-"],
            input: #"""
                apiVersion: v1
                kind: Pod
                metadata: {name: follow}
                spec:
                  terminationGracePeriodSeconds: 0
                  volumes: [{name: c, configMap: {name: settings}}, {name: e, emptyDir: {}}]
                  containers:
                  - name: a
                    image: apus/lab
                    imagePullPolicy: Never
                    command: [sh, -c, "if [ -e /e/second ]; then echo second; sleep 1000; fi; touch /e/second; echo first; exit 3"]
                    volumeMounts: [{name: c, mountPath: /c}, {name: e, mountPath: /e}]
                """#)
        try await cluster.wait("pod/follow", ".status.containerStatuses[0].restartCount") { $0 == "1" }
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/follow", "--timeout=60s"])
        #expect(try cluster.kubectl(["logs", "follow"]) == "second\n")
        #expect(try cluster.kubectl(["logs", "follow", "--previous"]) == "first\n")
        let code = try cluster.kubectl([
            "get", "pod", "follow", "-o", "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}",
        ])
        #expect(code == "3")

        try cluster.startKubectl("follow", ["logs", "-f", "follow"])
        #expect(try cluster.kubectl(["exec", "follow", "--", "cat", "/c/key"]) == "old")
        try cluster.kubectl([
            "patch", "configmap", "settings", "--type=merge", "-p", #"{"data":{"key":"new","gone":null}}"#,
        ])
        try await TimedOut.wait {
            try cluster.kubectl(["exec", "follow", "--", "sh", "-c", "cat /c/key; echo; ls /c"]) == "new\nkey\n"
        } orSay: {
            cluster.machine.log("agent")
        }
        let first = try await cluster.machine.process(of: "a", attempt: "1")
        kill(first, SIGKILL)
        try await TimedOut.wait {
            cluster.machine.log("follow") == "second\n" && !cluster.machine.isRunning("follow")
        } orSay: {
            "logs -f goes on: \(cluster.machine.log("follow"))"
        }
        try cluster.kubectl(["delete", "pod", "follow", "--timeout=60s"])
        try await cluster.machine.waitUntilEmpty()
    }

    @Test func imagesOfAPrivateRegistryComeWithTheirSecret() async throws {
        let cluster = try await LabCluster()
        try cluster.machine.start(
            "registry", program: "/usr/bin/python3", ["-c", TokenRegistry.program, TokenRegistry.port], environment: [])
        func pod(_ name: String, _ secrets: String) -> String {
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name)}
            spec:
              terminationGracePeriodSeconds: 0
              imagePullSecrets: [\(secrets)]
              containers: [{name: a, image: "\(TokenRegistry.image)"}]
            """
        }
        try cluster.kubectl(["apply", "-f", "-"], input: pod("without", ""))
        let waiting = ".status.containerStatuses[0].state.waiting.message"
        try await cluster.wait("pod/without", waiting) { $0.contains("give credentials for it") }
        try cluster.kubectl([
            "create", "secret", "docker-registry", "login", "--docker-server=127.0.0.1:5000",
            "--docker-username=reader", "--docker-password=sesame",
        ])
        try cluster.kubectl(["apply", "-f", "-"], input: pod("with", "{name: login}"))
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/with", "--timeout=60s"])
        try cluster.kubectl(["delete", "pod", "with", "without", "--timeout=60s"])
        try await cluster.machine.waitUntilEmpty()
    }

    @Test func staticPodsAreShownAndStayWhenTheirMirrorIsDeleted() async throws {
        let cluster = try await LabCluster()
        cluster.machine.stop("agent")
        try cluster.startAgent(["--pod-manifest-path", "\(cluster.machine.folder)/manifests"])
        try cluster.machine.write(
            "manifests/fixed.yaml",
            #"""
            apiVersion: v1
            kind: Pod
            metadata: {name: fixed}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: a, image: apus/lab, imagePullPolicy: Never, command: [sleep, "1000"]}]
            """#)
        let first = try await cluster.machine.process(of: "a")
        let path = ".status.containerStatuses[0].state.running.startedAt"
        try await cluster.wait("pod/fixed-node-1", path) { !$0.isEmpty }
        try cluster.kubectl(["delete", "pod", "fixed-node-1", "--force", "--grace-period=0"])
        try await cluster.wait("pod/fixed-node-1", path) { !$0.isEmpty }
        #expect(LabMachine.isAlive(first))
        cluster.machine.remove("manifests/fixed.yaml")
        try await cluster.machine.waitUntilEmpty()
        try await TimedOut.wait {
            try cluster.kubectlResult(["get", "pod", "fixed-node-1"]).status != 0
        } orSay: {
            "the mirror stays"
        }
    }
}
