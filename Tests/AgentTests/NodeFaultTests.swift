import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

/// Faults of a node's surroundings: each is told by a condition or an event, stops nothing else, and is over when its
/// cause is gone.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"), .needs("kubectl"))
struct NodeFaultTests {
    private static func pod(_ name: String, hostNetwork: Bool = false) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name)}
        spec:
          hostNetwork: \(hostNetwork)
          nodeName: node-1
          terminationGracePeriodSeconds: 0
          containers: [{name: a, image: apus/lab, imagePullPolicy: Never, command: [sleep, "1000"]}]
        """
    }

    private func waitForEvent(_ cluster: LabCluster, _ reason: String, of pod: String, saying words: String)
        async throws
    {
        let selector = "reason=\(reason),involvedObject.name=\(pod)"
        var seen = ""
        try await TimedOut.wait {
            seen = try cluster.kubectl(["get", "events", "--field-selector", selector, "-o", "jsonpath={..message}"])
            return seen.contains(words)
        } orSay: {
            "\(reason) of \(pod): \(seen)\n\(cluster.machine.log("agent"))"
        }
    }

    /// `answer` is what it prints for ADD, after `pause`.
    private func install(_ cluster: LabMachine, pause: Int) throws {
        try cluster.write(
            "plugins/slow",
            """
            #!/bin/sh
            [ "$CNI_COMMAND" = ADD ] || exit 0
            sleep \(pause)
            echo '{"cniVersion":"1.0.0","ips":[{"address":"10.9.9.9/32"}]}'
            """)
        try #require(chmod("\(cluster.folder)/plugins/slow", 0o755) == 0)
    }

    @Test func aPluginThatHangsIsKilledAndNamed() async throws {
        let cluster = try await LabCluster()
        let machine = cluster.machine
        machine.stop("agent")
        for name in ["plugins", "slow.d"] {
            try FileManager.default.createDirectory(
                atPath: "\(machine.folder)/\(name)", withIntermediateDirectories: true)
        }
        try machine.write(
            "slow.d/10-slow.conflist", #"{"cniVersion":"1.0.0","name":"slow","plugins":[{"type":"slow"}]}"#)
        try install(machine, pause: 600)
        try cluster.startAgent([
            "--network", "cni", "--cni-conf-dir", "\(machine.folder)/slow.d", "--cni-bin-dir",
            "\(machine.folder)/plugins", "--cni-timeout", "2",
        ])
        try cluster.kubectl(["apply", "-f", "-"], input: Self.pod("waits"))
        try await waitForEvent(
            cluster, "FailedCreatePodSandBox", of: "waits", saying: "the CNI plugin slow (ADD) did not end within 2")
        try cluster.kubectl(["apply", "-f", "-"], input: Self.pod("beside", hostNetwork: true))
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/beside", "--timeout=60s"])
        try install(machine, pause: 0)
        try await cluster.wait("pod/waits", ".status.podIP") { $0 == "10.9.9.9" }
        try cluster.kubectl(["delete", "pod", "waits", "beside", "--timeout=60s"])
        try await machine.waitUntilEmpty()
    }

    private static let ready = #".status.conditions[?(@.type=="Ready")]"#

    @Test func aNodeWithoutItsRuntimeOrNetworkIsNotReadyAndSaysWhy() async throws {
        let cluster = try await LabCluster()
        let machine = cluster.machine
        func isReady(_ words: String, after arguments: [String]) async throws {
            machine.stop("agent")
            try cluster.startAgent(arguments)
            try await cluster.wait("node/node-1", Self.ready + ".message") { $0.contains(words) }
            let status = try cluster.kubectl(["get", "node", "node-1", "-o", "jsonpath={\(Self.ready).status}"])
            #expect(status == (arguments.isEmpty ? "True" : "False"))
        }
        try await isReady("/no/such/runc", after: ["--runtime", "/no/such/runc"])
        try await waitForEvent(cluster, "NodeNotReady", of: "node-1", saying: "/no/such/runc")
        let empty = "\(machine.folder)/empty.d"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        try await isReady(
            "there is no network configuration in \(empty)", after: ["--network", "cni", "--cni-conf-dir", empty])
        try await isReady("posting ready status", after: [])
        try await waitForEvent(cluster, "NodeReady", of: "node-1", saying: "NodeReady")
        try cluster.kubectl(["apply", "-f", "-"], input: Self.pod("runs"))
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/runs", "--timeout=60s"])
        try cluster.kubectl(["delete", "pod", "runs", "--timeout=60s"])
    }

    /// What the node waits for before it can say how it is holds its Lease up in no way.
    @Test func aNetworkThatHangsLeavesTheNodeAlive() async throws {
        let cluster = try await LabCluster()
        let machine = cluster.machine
        machine.stop("agent")
        for name in ["plugins", "hangs.d"] {
            try FileManager.default.createDirectory(
                atPath: "\(machine.folder)/\(name)", withIntermediateDirectories: true)
        }
        try machine.write("plugins/hangs", "#!/bin/sh\ncase $CNI_COMMAND in STATUS|GC) sleep 600;; esac\n")
        try #require(chmod("\(machine.folder)/plugins/hangs", 0o755) == 0)
        try machine.write(
            "hangs.d/10-hangs.conflist", #"{"cniVersion":"1.1.0","name":"hangs","plugins":[{"type":"hangs"}]}"#)
        try cluster.startAgent([
            "--network", "cni", "--cni-conf-dir", "\(machine.folder)/hangs.d", "--cni-bin-dir",
            "\(machine.folder)/plugins", "--cni-timeout", "30",
        ])
        func renewal() throws -> String {
            try cluster.kubectl(["get", "lease", "node-1", "-n", "kube-node-lease", "-o", "jsonpath={.spec.renewTime}"])
        }
        for _ in 0..<2 {
            let (before, began) = (try renewal(), ContinuousClock.now)
            try await TimedOut.wait(seconds: 20) {
                try renewal() != before
            } orSay: {
                "the lease stays as of \(before): \(machine.log("agent"))"
            }
            #expect(ContinuousClock.now - began < .seconds(14))
        }
        try await cluster.wait("node/node-1", Self.ready + ".message") { $0.contains("hangs (STATUS) did not end") }
    }

    @Test func aFullDiskIsToldAndOverWhenThereIsSpace() async throws {
        let cluster = try await LabCluster()
        let machine = cluster.machine
        machine.stop("agent")
        let data = "\(machine.folder)/data"
        try #require(mount("tmpfs", data, "tmpfs", 0, "size=32m") == 0)
        defer {
            machine.stop("agent")
            umount2(data, CInt(MNT_DETACH))
        }
        // It never counts as short of disk, so that a pod meets the full one.
        try cluster.startAgent(["--eviction-hard", "memory.available<1Mi"])
        // One that starts on a full disk ends with a sentence.
        try await TimedOut.wait {
            machine.log("agent").components(separatedBy: "the node is registered").count == 3
        } orSay: {
            machine.log("agent")
        }
        let filler = "\(data)/filler"
        _ = try machine.run("/bin/dd", ["if=/dev/zero", "of=\(filler)", "bs=1M", "count=64"])
        try cluster.kubectl(["apply", "-f", "-"], input: Self.pod("full"))
        try await TimedOut.wait {
            let events = try cluster.kubectl(["get", "events", "-o", "jsonpath={..message}"])
            return events.contains("No space left on device")
        } orSay: {
            machine.log("agent")
        }
        unlink(filler)
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/full", "--timeout=90s"])
        try cluster.kubectl(["delete", "pod", "full", "--timeout=60s"])

        machine.stop("agent")
        try cluster.startAgent(["--eviction-hard", "nodefs.available<50%"])
        _ = try machine.run("/bin/dd", ["if=/dev/zero", "of=\(filler)", "bs=1M", "count=24"])
        let pressure = #".status.conditions[?(@.type=="DiskPressure")].status"#
        try await cluster.wait("node/node-1", pressure) { $0 == "True" }
        try await cluster.wait("node/node-1", ".spec.taints[*].key") { $0.contains("disk-pressure") }
        try await waitForEvent(cluster, "NodeHasDiskPressure", of: "node-1", saying: "kubelet has disk pressure")
        unlink(filler)
        try await cluster.wait("node/node-1", pressure) { $0 == "False" }
        try cluster.kubectl(["apply", "-f", "-"], input: Self.pod("again"))
        try cluster.kubectl(["wait", "--for=condition=Ready", "pod/again", "--timeout=60s"])
        try cluster.kubectl(["delete", "pod", "again", "--timeout=60s"])
    }
}
