import Foundation
import Glibc
import KubeAPI
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
            securityContext: {runAsUser: 65532}
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
        try tokens(cluster)
        try node(cluster)
        try stats(cluster)
        try await routes(cluster)
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

    private func node(_ cluster: LabCluster) throws {
        func field(_ path: String) throws -> String {
            try cluster.kubectl(["get", "node", "node-1", "-o", "jsonpath={\(path)}"])
        }
        #expect(try field(".status.images[*].names").contains("docker.io/apus/lab:v1"))
        #expect(try field(".status.capacity.cpu") == "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))")
        #expect(try field(".status.allocatable.pods") == "110")
        #expect(try field(#".metadata.labels.kubernetes\.io/hostname"#) == "node-1")
        #expect(try field(#".status.addresses[?(@.type=="InternalIP")].address"#) == "192.0.2.10")
        #expect(try field(".status.daemonEndpoints.kubeletEndpoint.Port") == "10250")
    }

    private func stats(_ cluster: LabCluster) throws {
        let text = try cluster.kubectl(["get", "--raw", "/api/v1/nodes/node-1/proxy/stats/summary"])
        let summary = try JSONParser.parse(text)
        #expect(summary["node"]?["fs"]?["capacityBytes"]?.integer ?? 0 > 0)
        let pod = summary["pods"]?.array?.first { $0["podRef"]?["name"]?.string == "web" }
        #expect(pod?["startTime"]?.string != nil)
        #expect(pod?["network"]?["interfaces"]?.array?.first?["name"] == "eth0")
        #expect(pod?["network"]?["rxBytes"]?.integer ?? 0 > 0)
        #expect(pod?["volume"]?.array?.map { $0["name"] }.contains("c") == true)
        #expect(pod?["containers"]?.array?.count == 2)
    }

    /// To the pods of another node, and back when somebody removes it.
    private func routes(_ cluster: LabCluster) async throws {
        let machine = cluster.machine
        func ip(_ arguments: String) throws -> String {
            try machine.run("/bin/ip", arguments.split(separator: " ").map(String.init)).output
        }
        for arguments in [
            "link add peers type veth peer name behind", "addr add 198.51.100.1/24 dev peers", "link set peers up",
            "link set behind up",
        ] { _ = try ip(arguments) }
        try cluster.kubectl(
            ["create", "-f", "-"],
            input: #"""
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"other"},
                 "spec":{"podCIDR":"10.244.77.0/24","podCIDRs":["10.244.77.0/24"]}}
                """#)
        try cluster.kubectl([
            "patch", "node", "other", "--subresource=status", "--type=merge", "-p",
            #"{"status":{"addresses":[{"type":"InternalIP","address":"198.51.100.2"}]}}"#,
        ])
        func isThere() throws -> Bool {
            try ip("route show proto 194").contains("10.244.77.0/24 via 198.51.100.2")
        }
        for _ in 0..<2 {
            try await TimedOut.wait {
                try isThere()
            } orSay: {
                "there is no route: \(machine.log("agent"))"
            }
            _ = try ip("route del 10.244.77.0/24 proto 194")
        }
        try cluster.kubectl(["delete", "node", "other"])
        try await TimedOut.wait {
            try !isThere()
        } orSay: {
            "the route stays"
        }
        _ = try ip("link del peers")
    }

    /// The one container runs as root, the other as nobody in particular; both may use the pod's account.
    private func tokens(_ cluster: LabCluster) throws {
        let path = "/var/run/secrets/kubernetes.io/serviceaccount/token"
        for name in ["httpd", "shell"] {
            let token = try cluster.kubectl(["exec", "web", "-c", name, "--", "cat", path])
            let review = try cluster.kubectl(
                ["create", "-o", "jsonpath={.status.user.username}", "-f", "-"],
                input: #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"\#(token)"}}"#)
            #expect(review == "system:serviceaccount:default:default")
        }
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
        let path = "/api/v1/nodes/node-1/proxy/run/default/web/httpd?cmd="
        #expect(try cluster.kubectl(["create", "--raw", path + "cat%20/s/word", "-f", "-"]) == "quiet")
        let ended = try cluster.kubectlResult(["create", "--raw", path + "cat%20/s/none", "-f", "-"])
        #expect(ended.status != 0 && ended.errors.contains("No such file"), "\(ended)")
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
            "sh", "-c", "wget -qO- http://127.0.0.1:8080/index.html; cat /proc/1/cmdline; echo; sleep 1000",
        ])
        try await TimedOut.wait {
            // Process 1 is the target's.
            let log = try cluster.kubectlResult(["logs", "web", "-c", "look"]).output
            return log.hasPrefix("hello\n") && log.contains("httpd")
        } orSay: {
            cluster.machine.log("agent")
        }
    }

    private static func probed(_ folder: String) -> String {
        #"""
        apiVersion: v1
        kind: Pod
        metadata: {name: probed}
        spec:
          terminationGracePeriodSeconds: 5
          volumes: [{name: h, hostPath: {path: \#(folder), type: DirectoryOrCreate}}]
          containers:
          - name: web
            image: apus/lab
            imagePullPolicy: Never
            ports: [{name: http, containerPort: 8080, hostPort: 18081}]
            command:
            - sh
            - -c
            - |
              mkdir -p /www/cgi-bin
              echo '#!/bin/sh' > /www/cgi-bin/bye
              echo 'echo bye > /h/bye; echo; echo' >> /www/cgi-bin/bye
              chmod 755 /www/cgi-bin/bye
              httpd -f -p 8080 -h /www
            volumeMounts: [{name: h, mountPath: /h}]
            startupProbe: {tcpSocket: {port: http}, periodSeconds: 1}
            readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 1, failureThreshold: 1}
            lifecycle:
              postStart: {sleep: {seconds: 1}}
              preStop: {httpGet: {path: /cgi-bin/bye, port: http}}
          - name: deaf
            image: apus/lab
            imagePullPolicy: Never
            command: [sleep, "1000"]
            livenessProbe: {grpc: {port: 9}, initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 1}
        """#
    }

    @Test(.enabled(if: access("/usr/lib/cni/portmap", X_OK) == 0, "needs containernetworking-plugins"))
    func probesAndHooksOfEveryKindAndAHostPort() async throws {
        let cluster = try await LabCluster()
        let machine = cluster.machine
        try cluster.kubectl(["apply", "-f", "-"], input: Self.probed("\(machine.folder)/host"))
        func status(_ field: String) -> String { #".status.containerStatuses[?(@.name=="web")].\#(field)"# }
        try await cluster.wait("pod/probed", status("started")) { $0 == "true" }
        try await cluster.wait("pod/probed", #".status.containerStatuses[?(@.name=="deaf")].restartCount"#) {
            (Int($0) ?? 0) > 0
        }
        let events = try cluster.kubectl([
            "get", "events", "--field-selector", "reason=Unhealthy", "-o", "jsonpath={.items[*].message}",
        ])
        #expect(events.contains("Readiness probe failed: HTTP probe failed with statuscode: 404"), "\(events)")
        #expect(events.contains("Liveness probe failed"), "\(events)")
        let exec = ["exec", "probed", "-c", "web", "--"]
        try cluster.kubectl(exec + ["touch", "/www/ready"])
        try await cluster.wait("pod/probed", status("ready")) { $0 == "true" }
        func page() throws -> LabMachine.Result {
            try machine.run("/bin/busybox", ["wget", "-qO-", "http://192.0.2.10:18081/ready"])
        }
        let answered = try page()
        #expect(answered.status == 0, "\(answered)")
        try cluster.kubectl(exec + ["rm", "/www/ready"])
        try await cluster.wait("pod/probed", status("ready")) { $0 == "false" }

        try cluster.kubectl(["delete", "pod", "probed", "--timeout=60s"])
        #expect(machine.read("host/bye") == "bye\n")
        #expect(try page().status != 0)
        try await machine.waitUntilEmpty()
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

        try await crashes(cluster)
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

    /// While a container waits to be started again, its last life is also the previous one.
    private func crashes(_ cluster: LabCluster) async throws {
        try cluster.kubectl(
            ["apply", "-f", "-"],
            input: #"""
                apiVersion: v1
                kind: Pod
                metadata: {name: crash}
                spec:
                  terminationGracePeriodSeconds: 0
                  volumes: [{name: e, emptyDir: {}}]
                  containers:
                  - name: a
                    image: apus/lab
                    imagePullPolicy: Never
                    command: [sh, -c, "echo again >> /e/lives; cat /e/lives; exit 1"]
                    volumeMounts: [{name: e, mountPath: /e}]
                """#)
        let path = ".status.containerStatuses[0].state.waiting.reason"
        try await cluster.wait("pod/crash", path) { $0 == "CrashLoopBackOff" }
        #expect(try cluster.kubectl(["logs", "crash"]) == "again\nagain\n")
        #expect(try cluster.kubectl(["logs", "crash", "--previous"]) == "again\nagain\n")
        let reasons = try cluster.kubectl([
            "get", "events", "--field-selector", "involvedObject.name=crash", "-o", "jsonpath={.items[*].reason}",
        ])
        for reason in ["Pulled", "Started", "BackOff"] { #expect(reasons.contains(reason), "\(reasons)") }
        try cluster.kubectl(["delete", "pod", "crash", "--timeout=60s"])
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
        let log = try cluster.kubectlResult(["logs", "without"])
        #expect(log.status != 0 && log.errors.contains("is waiting to start"), "\(log)")
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
