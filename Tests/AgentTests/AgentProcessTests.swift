import ContainerRuntime
import Foundation
import Glibc
import Images
import TestPrograms
import TestThreads
import Testing

/// The built `apus agent` without an API server, ended as machines end programs.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"))
struct AgentProcessTests {
    private static let alone = ["--pod-cidr", "10.88.7.0/28", "--port", "0"]

    private func start(_ machine: LabMachine) throws {
        try machine.startAgent(Self.alone + ["--pod-manifest-path", "\(machine.folder)/manifests"])
    }

    @Test func podsOutliveAnAgentThatIsKilled() async throws {
        let machine = try LabMachine()
        try machine.write(
            "manifests/web.json",
            #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"apus/lab","imagePullPolicy":"Never","command":["sh","-c","ip -4 addr show dev eth0; seq 100000 | while read i; do echo line $i; sleep 0.1; done"]}]}}
            """#)
        try start(machine)
        let first = try await machine.process(of: "a")
        try await TimedOut.wait {
            machine.podLog("a").contains("inet 10.88.7.")
        } orSay: {
            machine.podLog("a")
        }

        machine.stop("agent")
        #expect(LabMachine.isAlive(first))
        let written = machine.podLog("a").count
        // The monitor goes on alone.
        try await TimedOut.wait {
            machine.podLog("a").count > written
        } orSay: {
            "nothing more is logged"
        }

        try start(machine)
        try await TimedOut.wait {
            machine.log("agent").contains("took up a pod")
        } orSay: {
            machine.log("agent")
        }
        #expect(LabMachine.isAlive(first))
        #expect(try await machine.process(of: "a") == first)

        // Whoever took it up counts on.
        kill(first, SIGKILL)
        let second = try await machine.process(of: "a", attempt: "1")
        #expect(second != first)
        try await TimedOut.wait {
            machine.podLog("a", 1).contains("line 1\n")
        } orSay: {
            machine.podLog("a", 1)
        }
        #expect(machine.podLog("a", 0).contains("line 1\n"))

        machine.remove("manifests/web.json")
        try await machine.waitUntilEmpty()
        #expect(!LabMachine.isAlive(second))
        machine.stop("agent", SIGTERM)
    }

    @Test func whatDiesInTheMiddleOfAnythingLeavesNothing() async throws {
        let machine = try LabMachine()
        for round in 0..<4 {
            for pod in ["p", "q"] {
                try machine.write(
                    "manifests/\(pod).json",
                    #"""
                    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(pod)\#(round)"},"spec":{"terminationGracePeriodSeconds":0,
                     "volumes":[{"name":"m","emptyDir":{"medium":"Memory"}}],"containers":[
                     {"name":"\#(pod)","image":"apus/lab","imagePullPolicy":"Never","command":["sleep","1000"],"volumeMounts":[{"name":"m","mountPath":"/m"}]}]}}
                    """#)
            }
            try start(machine)
            try await Task.sleep(for: .milliseconds(150 + 350 * round))
            machine.stop("agent")
        }
        machine.remove("manifests/p.json")
        machine.remove("manifests/q.json")
        try start(machine)
        try await machine.waitUntilEmpty()
        machine.stop("agent", SIGTERM)
    }

    @Test func podsThatComeAndGoLeaveTheAgentAsItWas() async throws {
        let machine = try LabMachine()
        func cycle(_ names: [String]) async throws {
            for name in names {
                try machine.write(
                    "manifests/\(name).json",
                    #"""
                    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)"},"spec":{"terminationGracePeriodSeconds":0,"containers":[
                     {"name":"\#(name)","image":"apus/lab","imagePullPolicy":"Never","command":["sleep","1000"],
                      "livenessProbe":{"exec":{"command":["true"]},"periodSeconds":1}}]}}
                    """#)
            }
            for name in names { _ = try await machine.process(of: name) }
            try await Task.sleep(for: .milliseconds(500))
            for name in names { machine.remove("manifests/\(name).json") }
            try await machine.waitUntilEmpty()
        }
        try start(machine)
        try await cycle(["warm"])
        let agent = try #require(machine.pid("agent"))
        func held() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(agent)/fd").count }
        let before = try held()
        for round in 0..<3 { try await cycle(["a\(round)", "b\(round)", "c\(round)"]) }
        try await TimedOut.wait {
            try held() <= before
        } orSay: {
            "\((try? held()) ?? 0) files are open, not \(before)"
        }
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(agent)/task").count
        #expect(threads < 40)
        let children = try String(contentsOfFile: "/proc/\(agent)/task/\(agent)/children", encoding: .utf8)
        #expect(children.isEmpty, "children \(children) are not reaped")
    }

    @Test func everythingIsRemovedWithoutAnAgent() async throws {
        let machine = try LabMachine()
        try machine.write(
            "manifests/web.json",
            #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"volumes":[{"name":"m","emptyDir":{"medium":"Memory"}}],
             "containers":[{"name":"a","image":"apus/lab","imagePullPolicy":"Never","command":["sleep","1000"],
              "volumeMounts":[{"name":"m","mountPath":"/m"}]}]}}
            """#)
        try start(machine)
        let process = try await machine.process(of: "a")
        machine.stop("agent")
        var options = RuncRuntime.Options()
        options.dataFolder = "\(machine.folder)/data"
        options.runFolder = "\(machine.folder)/run"
        for root in ["", "/", "/."] {
            #expect(throws: RuntimeFailure.self) { try RuncRuntime.removeEverything(options, cgroupRoot: root) }
        }
        #expect(LabMachine.isAlive(process))
        // There is nothing to do the second time.
        for _ in 0..<2 { try RuncRuntime.removeEverything(options, cgroupRoot: machine.remains.cgroup) }
        #expect(!LabMachine.isAlive(process))
        #expect(machine.remains.mounts.isEmpty && machine.remains.podCgroups.isEmpty)
        #expect(machine.remains.files(in: ["data/containers", "data/pods", "data/sandboxes", "run"]).isEmpty)
        try await TimedOut.wait {
            machine.links.isEmpty
        } orSay: {
            "\(machine.links)"
        }
    }

    @Test func imagesThatNothingUsesGoBeforePodsDo() async throws {
        let machine = try LabMachine()
        func build(_ applets: [String], age: Int64) throws -> ImageStore {
            let store = try ImageStore(directory: "\(machine.folder)/images", clock: { Int64(time(nil)) - age })
            _ = try LabImage(busybox: "/bin/busybox", applets: applets, program: "/bin/busybox").build(in: store)
            return store
        }
        // The name goes to the newer one.
        _ = try build(["true"], age: 3600)
        let store = try build(["sleep"], age: 0)
        let before = try store.list()
        try machine.write(
            "manifests/web.json",
            #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"apus/lab","imagePullPolicy":"Never","command":["sleep","1000"]}]}}
            """#)
        try machine.startAgent(
            Self.alone + [
                "--pod-manifest-path", "\(machine.folder)/manifests", "--eviction-hard", "nodefs.available<100%",
            ])
        let process = try await machine.process(of: "a")
        try await TimedOut.wait {
            try store.list().count == before.count - 1
        } orSay: {
            machine.log("agent")
        }
        #expect(try store.image("apus/lab") != nil)
        #expect(LabMachine.isAlive(process))
    }

    /// The agent may die between a sandbox's start and the files that containers of it are given.
    @Test func aSandboxThatIsNotFinishedIsFinished() async throws {
        let machine = try LabMachine()
        try machine.write(
            "manifests/web.json",
            #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"apus/lab","imagePullPolicy":"Never","command":["sleep","1000"]}]}}
            """#)
        let manifests = ["--pod-manifest-path", "\(machine.folder)/manifests"]
        try machine.startAgent(Self.alone + manifests + ["--image-dir", "\(machine.folder)/no-images"])
        func files() -> [String] {
            let pods = "\(machine.folder)/data/pods"
            return ((try? FileManager.default.contentsOfDirectory(atPath: pods)) ?? []).map { "\(pods)/\($0)/etc" }
        }
        try await TimedOut.wait {
            files().contains { access("\($0)/hostname", F_OK) == 0 }
        } orSay: {
            machine.log("agent")
        }
        machine.stop("agent")
        for folder in files() { try FileManager.default.removeItem(atPath: folder) }
        // Of a pod that went meanwhile.
        try FileManager.default.createDirectory(
            atPath: "\(machine.folder)/logs/default_gone_0123/a", withIntermediateDirectories: true)
        try machine.startAgent(Self.alone + manifests)
        let process = try await machine.process(of: "a")
        #expect(LabMachine.isAlive(process))
        machine.remove("manifests/web.json")
        try await machine.waitUntilEmpty()
    }

    @Test func whatASandboxWithoutARecordHeldIsGivenBack() async throws {
        let machine = try LabMachine()
        try machine.write(
            "manifests/web.json",
            #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"apus/lab","imagePullPolicy":"Never","command":["sleep","1000"]}]}}
            """#)
        try start(machine)
        _ = try await machine.process(of: "a")
        machine.stop("agent")
        let records = machine.remains.files(in: ["data/sandboxes"])
        try #require(records.count == 1 && !machine.remains.files(in: ["cni/results"]).isEmpty)
        machine.remove(records[0])
        machine.remove("manifests/web.json")
        try start(machine)
        try await TimedOut.wait {
            machine.links.isEmpty && machine.remains.files(in: ["cni/results"]).isEmpty
        } orSay: {
            "there is still \(machine.left): \(machine.log("agent"))"
        }
    }

    @Test func aNodeWithoutARuntimeSaysSo() async throws {
        let machine = try LabMachine()
        try machine.write(
            "manifests/web.json",
            #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a","image":"apus/lab","imagePullPolicy":"Never"}]}}"#
        )
        try machine.startAgent(
            Self.alone + ["--pod-manifest-path", "\(machine.folder)/manifests", "--runtime", "/no/such/runc"])
        try await TimedOut.wait {
            machine.log("agent").contains("/no/such/runc")
        } orSay: {
            machine.log("agent")
        }
        #expect(machine.isRunning("agent"))
        machine.remove("manifests/web.json")
        try await machine.waitUntilEmpty()
    }

    @Test func flagsThatMakeNoNodeAreRefused() throws {
        let machine = try LabMachine()
        let apus = Program.built("apus")
        let nothing = try machine.run(apus, ["agent"])
        #expect(nothing.status != 0 && nothing.errors.contains("--pod-manifest-path"), "\(nothing)")
        let range = try machine.run(apus, ["agent", "--pod-manifest-path", "/tmp", "--pod-cidr", "10.1"])
        #expect(range.status != 0 && range.errors.contains("--pod-cidr 10.1"), "\(range)")
        let address = try machine.run(apus, ["agent", "--pod-manifest-path", "/tmp", "--node-ip", "here"])
        #expect(address.status != 0 && address.errors.contains("--node-ip here"), "\(address)")
    }
}
