import ContainerRuntime
import Foundation
import Glibc
import RuntimeSpec
import TestThreads
import Testing

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes mount namespaces and cgroups"))
struct RuncRuntimeTests {
    @Test func aContainerRunsWritesItsLogAndSaysHowItEnded() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("echo out; echo err >&2; printf part; exit 3")
        let end = await lab.runtime.containerEnd(record.id)
        #expect(end.exitCode == 3)
        #expect(end.signal == 0)
        #expect(!end.isUnknown)
        #expect(end.finishedAt >= record.startedAt - 1_000_000_000)
        #expect(Set(try lab.log(record)) == ["stdout F out", "stderr F err", "stdout P part"])
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func removalLeavesNothingBehind() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("sleep 1000")
        #expect(!lab.mounts.isEmpty)
        #expect(record.process.isAlive)
        try await lab.runtime.removeContainer(record.id)
        #expect(!record.process.isAlive)
        #expect(lab.mounts.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: "\(lab.folder)/data/containers/\(record.id)"))
        #expect(lab.cgroupFolders.allSatisfy { access("\($0)/pod/\(record.id)", F_OK) != 0 })
        #expect(try await lab.runtime.inventory().containers.isEmpty)
        // Again is no error.
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func whatCannotStartSaysWhyInOneSentence() async throws {
        let lab = try RuntimeLab()
        let failure = await #expect(throws: CommandRefusal.self) {
            _ = try await lab.start("") { $0.arguments = ["/no/such/program"] }
        }
        #expect(failure?.description.contains("/no/such/program") == true)
        #expect(lab.mounts.isEmpty)
        #expect(try await lab.runtime.inventory().containers.isEmpty)
    }

    @Test func signalsReachTheFirstProcess() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("trap 'exit 7' TERM; while true; do sleep 0.1; done")
        try await Task.sleep(for: .milliseconds(300))
        try await lab.runtime.signal(record.id, SIGTERM)
        #expect(await lab.runtime.containerEnd(record.id).exitCode == 7)
        try await lab.runtime.removeContainer(record.id)
        let other = try await lab.start("sleep 1000")
        try await lab.runtime.signal(other.id, SIGKILL)
        let end = await lab.runtime.containerEnd(other.id)
        #expect(end.exitCode == 137)
        #expect(end.signal == 9)
        try await lab.runtime.removeContainer(other.id)
    }

    @Test func anotherRuntimeTakesUpWhatRunsAndWhatEndedMeanwhile() async throws {
        let lab = try RuntimeLab()
        let first = try await lab.start("sleep 1; exit 5")
        let next = try lab.secondRuntime()
        let known = try await next.inventory().containers
        #expect(known.map(\.id) == [first.id])
        #expect(known.first?.labels == first.labels)
        #expect(known.first?.process == first.process)
        #expect(known.first?.end == nil)
        #expect(await next.containerEnd(first.id).exitCode == 5)
        let last = try lab.secondRuntime()
        #expect(try await last.inventory().containers.first?.end?.exitCode == 5)
        try await last.removeContainer(first.id)
        #expect(lab.mounts.isEmpty)
    }

    @Test func aContainerWhoseMonitorWasKilledIsNotKept() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("sleep 1000")
        kill(record.monitor.pid, SIGKILL)
        let end = await lab.runtime.containerEnd(record.id)
        #expect(end.isUnknown)
        #expect(end.exitCode == 137)
        try await lab.runtime.removeContainer(record.id)
        #expect(!record.process.isAlive)
    }

    // MARK: - Sessions

    @Test func execHasItsOwnStreamsAndExitCode() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("sleep 1000") { $0.environment.append("COLOUR=blue") }
        let session = try await lab.runtime.execute(
            ExecRequest(
                containerID: record.id, arguments: ["sh", "-c", "cat; echo $COLOUR; echo bad >&2; exit 4"],
                hasStdin: true))
        try await session.send(Array("hello ".utf8))
        session.endInput()
        let result = try await output(of: session)
        #expect(result.text == "hello blue\n")
        #expect(result.errors == "bad\n")
        #expect(result.code == 4)
        #expect(try lab.log(record).isEmpty)
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func muchOutputArrivesWhole() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("sleep 1000")
        let session = try await lab.runtime.execute(
            ExecRequest(containerID: record.id, arguments: ["seq", "1", "40000"]))
        let result = try await output(of: session)
        #expect(result.text == (1...40000).map { "\($0)\n" }.joined())
        #expect(result.code == 0)
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func aTerminalHasASizeThatChanges() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("sleep 1000")
        let session = try await lab.runtime.execute(
            ExecRequest(
                containerID: record.id, arguments: ["sh", "-c", "read go; stty size; exit 2"], hasTerminal: true,
                hasStdin: true))
        session.resize(rows: 33, columns: 99)
        try await session.send(Array("go\n".utf8))
        let result = try await output(of: session)
        #expect(result.text.contains("33 99"))
        #expect(result.code == 2)
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func execOfWhatIsNotThereSaysSo() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("sleep 1000")
        let failure = await #expect(throws: CommandRefusal.self) {
            _ = try await lab.runtime.execute(ExecRequest(containerID: record.id, arguments: ["nothing-there"]))
        }
        #expect(failure?.description.contains("nothing-there") == true)
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func attachedClientsSeeOutputAndFeedStdin() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("while read line; do echo got $line; done", hasStdin: true)
        let session = try await lab.runtime.attach(record.id)
        try await session.send(Array("one\n".utf8))
        #expect(try await session.receive() == .stdout(Array("got one\n".utf8)))
        session.close()
        // stdin stays open for the next.
        let second = try await lab.runtime.attach(record.id)
        try await second.send(Array("two\n".utf8))
        #expect(try await second.receive() == .stdout(Array("got two\n".utf8)))
        try await lab.runtime.removeContainer(record.id)
        #expect(try lab.log(record) == ["stdout F got one", "stdout F got two"])
    }

    // MARK: - Limits

    @Test func whoTakesTooMuchMemoryIsKilledAndTheEndSaysWhy() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("") {
            $0.arguments = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]
            $0.resources.memoryLimit = 16 << 20
        }
        let end = await lab.runtime.containerEnd(record.id)
        #expect(end.exitCode == 137)
        #expect(end.isOutOfMemory)
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func longLogsAreRotated() async throws {
        let lab = try RuntimeLab()
        let record = try await lab.start("seq 1 20000", logLimit: 200_000)
        _ = await lab.runtime.containerEnd(record.id)
        let files = try FileManager.default.contentsOfDirectory(atPath: lab.folder).filter {
            $0.hasPrefix("\(record.id).log")
        }
        // 20,000 lines of about 50 bytes.
        #expect(files.count == 5)
        let last = try lab.log(record).last ?? ""
        #expect(last.isEmpty || last == "stdout F 20000")
        try await lab.runtime.removeContainer(record.id)
    }

    @Test func privilegesAreWhatThePlanSays() async throws {
        let lab = try RuntimeLab()
        let script = "id -u; id -g; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; touch /x; echo $?"
        let record = try await lab.start(script) {
            $0.user = .init(uid: 1000, gid: 2000, additionalGroups: [3000])
            $0.isRootReadOnly = true
            $0.allowsPrivilegeEscalation = false
            $0.seccomp = .runtimeDefault
            $0.arguments = [
                "/bin/busybox", "sh", "-c",
                script.replacing("grep", with: "/bin/busybox grep")
                    .replacing("touch", with: "/bin/busybox touch 2>&1"),
            ]
        }
        #expect(await lab.runtime.containerEnd(record.id).exitCode == 0)
        let log = try lab.log(record).joined(separator: "\n")
        #expect(log.contains("stdout F 1000\nstdout F 2000"))
        #expect(log.contains("CapEff:\t0000000000000000"))
        #expect(log.contains("NoNewPrivs:\t1"))
        #expect(log.contains("Seccomp:\t2"))
        #expect(log.contains("Read-only file system"))
        try await lab.runtime.removeContainer(record.id)
    }

    // MARK: - Sandboxes

    @Test func containersOfASandboxShareItsNamespaces() async throws {
        let lab = try RuntimeLab()
        let sandbox = try await lab.runtime.startSandbox(
            SandboxPlan(
                id: "s1", hostname: "pod-one", namespaces: ["net", "ipc", "uts", "pid"],
                sysctls: ["net.ipv4.ip_unprivileged_port_start": "80"], cgroup: "\(lab.cgroup)/pod"))
        #expect(sandbox.process.isAlive)
        func join(_ plan: inout ContainerPlan) {
            plan.network = .path(sandbox.path(of: "net") ?? "")
            plan.uts = .path(sandbox.path(of: "uts") ?? "")
            plan.ipc = .path(sandbox.path(of: "ipc") ?? "")
            plan.pid = .path(sandbox.path(of: "pid") ?? "")
        }
        let first = try await lab.start("sleep 1000", join)
        let second = try await lab.start(
            "hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; ps | busybox grep -c '[s]leep 1000'", join)
        #expect(await lab.runtime.containerEnd(second.id).exitCode == 0)
        #expect(try lab.log(second) == ["stdout F pod-one", "stdout F 80", "stdout F 1"])
        for id in [first.id, second.id] { try await lab.runtime.removeContainer(id) }
        #expect(sandbox.process.isAlive)
        try await lab.runtime.removeSandbox("s1")
        await lab.runtime.sandboxEnd("s1")
        #expect(!sandbox.process.isAlive)
        #expect(lab.cgroupFolders.allSatisfy { access("\($0)/pod", F_OK) != 0 })
    }

    /// Refused before anything is written: the machine's own values would be these.
    @Test(arguments: [
        ("vm.swappiness", ["net", "ipc"]), ("kernel.core_pattern", ["net", "ipc"]), ("kernel.msgmax", ["net"]),
        ("net.ipv4.ip_unprivileged_port_start", ["ipc"]), ("", ["net", "ipc"]),
    ])
    func noSandboxChangesTheMachinesSysctls(name: String, namespaces: [String]) async throws {
        let lab = try RuntimeLab()
        await #expect(throws: RuntimeFailure("the sysctl \(name) is not of the pod's own namespaces")) {
            try await lab.runtime.startSandbox(
                SandboxPlan(
                    id: "s", hostname: "h", namespaces: Set(namespaces), sysctls: [name: "1"],
                    cgroup: "\(lab.cgroup)/pod"))
        }
        #expect(lab.cgroupFolders.allSatisfy { access("\($0)/pod", F_OK) != 0 })
    }

    @Test func aSandboxIsFoundAgain() async throws {
        let lab = try RuntimeLab()
        _ = try await lab.runtime.startSandbox(
            SandboxPlan(
                id: "s2", hostname: "h", namespaces: ["net"], cgroup: "\(lab.cgroup)/pod", labels: ["uid": "u"]))
        let found = try await lab.secondRuntime().inventory().sandboxes
        #expect(found.map(\.id) == ["s2"])
        #expect(found.first?.isRunning == true)
        #expect(found.first?.labels == ["uid": "u"])
        try await lab.runtime.removeSandbox("s2")
        #expect(try await lab.secondRuntime().inventory().sandboxes.isEmpty)
    }
}
