import Foundation
import Glibc
import KubeAPI
import TestThreads
import Testing

@testable import Agent

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"))
struct PodLifeTests {
    @Test func aPodOfTwoContainersRunsAndLeavesNothing() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "two",
            #"""
            {"terminationGracePeriodSeconds":2,"containers":[
             {"name":"a","image":"busybox","command":["sh","-c","echo one; hostname; trap 'exit 0' TERM; while :; do sleep 0.1; done"]},
             {"name":"b","image":"busybox","command":["sh","-c","echo two; sleep 1000"]}]}
            """#)
        try lab.start()
        let status = try await lab.waitUntilReady("two")
        #expect(status["phase"] == "Running")
        #expect(status["qosClass"] == "BestEffort")
        #expect(status["containerStatuses"]?.array?.count == 2)
        try await lab.waitForLog("two", "a", contains: "one\ntwo-node-1\n")
        try await lab.waitForLog("two", "b", contains: "two\n")
        #expect(!lab.mounts.isEmpty)
        try await lab.end("two")
    }

    /// The forbidden one is refused by its name alone; the safe one is of the pod's own network.
    @Test func aPodSetsSafeSysctlsOfItsOwnNamespacesAndNoOthers() async throws {
        let lab = try AgentLab()
        func apply(_ name: String, _ sysctl: String, _ value: String) throws {
            try lab.apply(
                name,
                #"""
                {"securityContext":{"sysctls":[{"name":"\#(sysctl)","value":"\#(value)"}]},
                 "terminationGracePeriodSeconds":0,"containers":[{"name":"a","image":"busybox",
                  "command":["sh","-c","cat /proc/sys/net/ipv4/ip_unprivileged_port_start; sleep 1000"]}]}
                """#)
        }
        try apply("safe", "net.ipv4.ip_unprivileged_port_start", "81")
        try apply("unsafe", "net.apus.nope", "1")
        try lab.start()
        let status = try await lab.wait("unsafe") { $0["phase"] == "Failed" }
        #expect(status["reason"] == "SysctlForbidden")
        #expect(status["message"] == #"Pod was rejected: forbidden sysctl: "net.apus.nope" not allowlisted"#)
        try await lab.waitForLog("safe", "a", contains: "81\n")
        lab.delete("safe")
        try await lab.waitUntilGone("safe")
        try await lab.end("unsafe")
    }

    @Test func aPodHasItsFullNameAndNoUsersOfItsOwn() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "full",
            #"""
            {"hostname":"h","subdomain":"db","setHostnameAsFQDN":true,"shareProcessNamespace":true,
             "terminationGracePeriodSeconds":0,"containers":[{"name":"a","image":"busybox",
              "command":["sh","-c","hostname; cat /etc/hostname; tr '\\000' ' ' < /proc/1/cmdline; echo; sleep 1000"]}]}
            """#)
        try lab.apply(
            "users",
            #"{"hostUsers":false,"terminationGracePeriodSeconds":0,"containers":[{"name":"a","image":"busybox"}]}"#)
        try lab.start()
        let name = "h.db.default.svc.cluster.local\n"
        try await lab.waitForLog("full", "a", contains: name + name + "/pause")
        #expect(!(await lab.log("full", "a")).contains("--namespaces"))
        _ = try await lab.wait("users") { status in
            status["containerStatuses"]?.array?.first?["state"]?["waiting"]?["message"]
                == "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
        }
        try await lab.end("full")
        try await lab.end("users")
    }

    @Test func podsThatTheNodeCannotTakeFailAndSayWhy() async throws {
        let lab = try AgentLab()
        func apply(_ name: String, _ more: String, _ container: String = "") throws {
            try lab.apply(
                name,
                #"""
                {"terminationGracePeriodSeconds":0,"containers":[
                 {"name":"a","image":"busybox","command":["sleep","1000"]\#(container)}]\#(more)}
                """#)
        }
        try apply("elsewhere", #","nodeSelector":{"a":"b"}"#)
        try apply("large", "", #","resources":{"requests":{"cpu":"100000"}}"#)
        try apply("port-1", "", #","ports":[{"containerPort":80,"hostPort":18888}]"#)
        try apply("port-2", "", #","ports":[{"containerPort":80,"hostPort":18888}]"#)
        try lab.start()
        for (name, reason) in [("elsewhere", "NodeAffinity"), ("large", "OutOfcpu")] {
            #expect(try await lab.wait(name) { $0["phase"] == "Failed" }["reason"] == .string(reason))
        }
        var reasons: [JSONValue?] = []
        for name in ["port-1", "port-2"] {
            let status = try await lab.wait(name) { $0["phase"] == "Failed" || AgentLab.isReady($0) }
            reasons.append(status["reason"])
        }
        #expect(reasons.contains(nil) && reasons.contains("NodePorts"))
        let names = ["elsewhere", "large", "port-1", "port-2"]
        for name in names.dropLast() {
            lab.delete(name)
            try await lab.waitUntilGone(name)
        }
        try await lab.end("port-2")
    }

    @Test func anotherAgentTakesUpWhatRunsAndCountsOn() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "keep",
            #"""
            {"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"busybox","command":["sh","-c","echo up; sleep 1000"]},
             {"name":"b","image":"busybox","command":["sh","-c","while ! [ -e /data/go ]; do sleep 0.1; done; exit 3"],
              "volumeMounts":[{"name":"v","mountPath":"/data"}]}],
             "volumes":[{"name":"v","emptyDir":{}}]}
            """#)
        try lab.start()
        let before = try await lab.waitUntilReady("keep")
        let volume = try #require(await lab.runner("keep")?.paths.volume("v"))
        await lab.stop()
        // Ends while nobody looks.
        try Data().write(to: URL(filePath: "\(volume)/go"))
        try await Task.sleep(for: .milliseconds(500))
        unlink("\(volume)/go")
        try lab.start()
        let after = try await lab.wait("keep") { status in
            AgentLab.isReady(status) && status["containerStatuses"]?.array?.last?["restartCount"] == 1
        }
        #expect(
            after["containerStatuses"]?.array?.first?["containerID"]
                == before["containerStatuses"]?.array?.first?["containerID"])
        #expect(after["containerStatuses"]?.array?.first?["restartCount"] == 0)
        let last = after["containerStatuses"]?.array?.last?["lastState"]?["terminated"]
        #expect(last?["exitCode"] == 3)
        try await lab.end("keep")
    }

    @Test func whatNobodyAsksForAnyMoreIsEnded() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "lost",
            #"{"terminationGracePeriodSeconds":0,"containers":[{"name":"a","image":"busybox","command":["sleep","1000"]}]}"#
        )
        try lab.start()
        _ = try await lab.waitUntilReady("lost")
        await lab.stop()
        lab.delete("lost")
        try lab.start()
        try await TimedOut.wait {
            lab.podCgroups.isEmpty && lab.mounts.isEmpty
        } orSay: {
            "there is still \(lab.podCgroups + lab.mounts)"
        }
    }

    @Test func initialContainersSidecarsAndRestarts() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "init",
            #"""
            {"restartPolicy":"OnFailure","terminationGracePeriodSeconds":1,
             "volumes":[{"name":"v","emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}}],
             "initContainers":[
              {"name":"first","image":"busybox","command":["sh","-c","echo first >> /v/order"],"volumeMounts":[{"name":"v","mountPath":"/v"}]},
              {"name":"side","image":"busybox","restartPolicy":"Always","command":["sh","-c","echo side >> /v/order; sleep 1000"],
               "volumeMounts":[{"name":"v","mountPath":"/v"}],
               "startupProbe":{"exec":{"command":["grep","side","/v/order"]},"periodSeconds":1}}],
             "containers":[{"name":"main","image":"busybox",
              "command":["sh","-c","cat /v/order; if [ -e /v/again ]; then exit 0; fi; touch /v/again; exit 4"],
              "volumeMounts":[{"name":"v","mountPath":"/v"}]}]}
            """#)
        try lab.start()
        let status = try await lab.wait("init") { $0["phase"] == "Succeeded" }
        #expect(status["containerStatuses"]?.array?.first?["restartCount"] == 1)
        #expect(status["initContainerStatuses"]?.array?.first?["state"]?["terminated"]?["exitCode"] == 0)
        #expect(await lab.log("init", "main", 1) == "first\nside\n")
        try await lab.end("init")
    }

    @Test func imagesAndCommandsThatAreNotThereAreNamed() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "bad",
            #"""
            {"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"missing/thing:1","command":["x"]},
             {"name":"b","image":"busybox","command":["/no/such"]},
             {"name":"c","image":"missing:1","imagePullPolicy":"Never"},
             {"name":"d","image":"no image"}]}
            """#)
        try lab.start()
        func waiting(_ status: JSONValue, _ index: Int) -> JSONValue? {
            status["containerStatuses"]?.array?.dropFirst(index).first?["state"]?["waiting"]
        }
        let status = try await lab.wait("bad") { status in
            waiting(status, 0)?["reason"] == "ImagePullBackOff" && waiting(status, 1)?["reason"] == "CrashLoopBackOff"
        }
        #expect(waiting(status, 0)?["message"]?.string?.contains("there is no registry for missing/thing:1") == true)
        #expect(waiting(status, 2)?["reason"] == "ErrImageNeverPull")
        #expect(waiting(status, 3)?["reason"] == "InvalidImageName")
        let last = status["containerStatuses"]?.array?[1]["lastState"]?["terminated"]
        #expect(last?["reason"] == "StartError" && last?["exitCode"] == 128)
        #expect(last?["message"]?.string?.contains("/no/such") == true)
        #expect(status["phase"] == "Pending")
        try await lab.end("bad")
        try lab.apply(
            "once",
            #"{"restartPolicy":"Never","containers":[{"name":"a","image":"busybox","command":["/no/such"]}]}"#)
        try await lab.wait("once") { $0["phase"] == "Failed" }
        try await lab.end("once")
    }

    @Test func aManifestThatComesBackMakesItsPodAgain() async throws {
        let lab = try AgentLab()
        let spec =
            #"{"terminationGracePeriodSeconds":1,"containers":[{"name":"a","image":"busybox","command":["sleep","1000"]}]}"#
        try lab.apply("back", spec)
        try lab.start()
        let first = try await lab.waitUntilReady("back")
        func start(_ status: JSONValue) -> JSONValue? { status["containerStatuses"]?.array?.first?["containerID"] }
        try await lab.end("back")
        try lab.apply("back", spec)
        let second = try await lab.waitUntilReady("back")
        #expect(start(second) != start(first))
        // While it is still ending.
        lab.delete("back")
        try await TimedOut.wait {
            await lab.runner("back")?.isTerminating == true
        } orSay: {
            "it does not end"
        }
        try lab.apply("back", spec)
        try await lab.wait("back") { AgentLab.isReady($0) && start($0) != start(second) }
        // Another content of the same name waits until the old pod is gone.
        try lab.apply("back", spec.replacing("1000", with: "2000"))
        try await TimedOut.wait {
            await lab.runner("back")?.isTerminating == true
        } orSay: {
            "it does not end"
        }
        #expect(await lab.agent?.registry.all.count == 1)
        _ = try await lab.waitUntilReady("back")
        try await lab.end("back")
    }

    @Test func hooksRunAndTheGraceEnds() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "hooks",
            #"""
            {"terminationGracePeriodSeconds":1,"volumes":[{"name":"v","hostPath":{"path":"\#(lab.folder)/host","type":"DirectoryOrCreate"}}],
             "containers":[{"name":"a","image":"busybox","command":["sh","-c","trap '' TERM; sleep 1000 & wait; while :; do sleep 1; done"],
              "volumeMounts":[{"name":"v","mountPath":"/v"}],
              "lifecycle":{"postStart":{"exec":{"command":["touch","/v/started"]}},
                           "preStop":{"exec":{"command":["touch","/v/stopping"]}}}}]}
            """#)
        try lab.start()
        _ = try await lab.waitUntilReady("hooks")
        #expect(FileManager.default.fileExists(atPath: "\(lab.folder)/host/started"))
        try await lab.end("hooks")
        #expect(FileManager.default.fileExists(atPath: "\(lab.folder)/host/stopping"))
    }

    @Test func livenessRestartsAndTerminationMessagesAreRead() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "live",
            #"""
            {"terminationGracePeriodSeconds":0,"containers":[
             {"name":"a","image":"busybox","command":["sh","-c","echo why > /dev/termination-log; sleep 1000"],
              "livenessProbe":{"exec":{"command":["false"]},"periodSeconds":1,"failureThreshold":1}}]}
            """#)
        try lab.start()
        let status = try await lab.wait("live") {
            $0["containerStatuses"]?.array?.first?["lastState"]?["terminated"] != nil
        }
        let last = status["containerStatuses"]?.array?.first?["lastState"]?["terminated"]
        #expect(last?["exitCode"] == 137)
        #expect(last?["message"] == "why\n")
        try await lab.end("live")
    }

    @Test func containersSeeWhatTheirPodSays() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "seen",
            #"""
            {"shareProcessNamespace":true,"hostAliases":[{"ip":"192.0.2.7","hostnames":["alias.test"]}],
             "terminationGracePeriodSeconds":0,"restartPolicy":"Never",
             "dnsPolicy":"None","dnsConfig":{"nameservers":["192.0.2.53"],"searches":["x.test"]},
             "securityContext":{"runAsUser":1234,"fsGroup":4321,"seccompProfile":{"type":"RuntimeDefault"}},
             "volumes":[{"name":"d","downwardAPI":{"items":[{"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}}]}},
                        {"name":"e","emptyDir":{}}],
             "containers":[{"name":"a","image":"busybox",
               "env":[{"name":"NODE","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}},{"name":"X","value":"$(NODE)!"}],
               "volumeMounts":[{"name":"d","mountPath":"/d"},{"name":"e","mountPath":"/e"},{"name":"e","mountPath":"/sub","subPath":"in/side"}],
               "command":["sh","-c","echo $X; id; cat /etc/resolv.conf /etc/hosts /d/labels; echo; touch /sub/f; ls -ln /e/in/side; ps; grep Seccomp: /proc/self/status; ls /e"]},
              {"name":"b","image":"busybox","securityContext":{"runAsUser":101},"command":["id"]}]}
            """#, metadata: #","labels":{"k":"v"}"#)
        try lab.start()
        try await lab.wait("seen") { $0["phase"] == "Succeeded" }
        let log = await lab.log("seen", "a")
        for text in [
            "node-1!\n", "uid=1234 gid=0", "4321", "nameserver 192.0.2.53\nsearch x.test\n",
            "192.0.2.7\talias.test", "k=\"v\"", "Seccomp:\t2",
        ] {
            #expect(log.contains(text), "\(text) is not in \(log)")
        }
        let groups = await lab.log("seen", "b")
        #expect(groups.hasPrefix("uid=101(web) gid=102(web)") && groups.contains("200(extra)"), "\(groups)")
        // Process 1 of the pod is the pause process.
        #expect(log.contains("    1 "))
        try await lab.end("seen")
    }

    @Test func volumesAreWhatTheyShouldBeOrTheirContainersWait() async throws {
        let lab = try AgentLab()
        let host = "\(lab.folder)/machine"
        try lab.apply(
            "parts",
            #"""
            {"terminationGracePeriodSeconds":0,"restartPolicy":"OnFailure",
             "volumes":[{"name":"e","emptyDir":{}},{"name":"h","hostPath":{"path":"\#(host)","type":"Directory"}},
                        {"name":"f","hostPath":{"path":"\#(lab.folder)/file","type":"FileOrCreate"}}],
             "initContainers":[
              {"name":"link","image":"busybox","command":["ln","-s","../../../../../../etc","/e/out"],"volumeMounts":[{"name":"e","mountPath":"/e"}]}],
             "containers":[
              {"name":"a","image":"busybox","env":[{"name":"POD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
               "volumeMounts":[{"name":"h","mountPath":"/x","subPathExpr":"$(POD)/deep"},{"name":"f","mountPath":"/f"}],
               "command":["sh","-c","touch /x/made; echo written > /f; sleep 1000"]},
              {"name":"b","image":"busybox","terminationMessagePolicy":"FallbackToLogsOnError","command":["sh","-c","echo the reason; exit 3"]},
              {"name":"c","image":"busybox","command":["ls","/y"],"volumeMounts":[{"name":"e","mountPath":"/y","subPath":"out"}]}]}
            """#)
        try lab.start()
        func state(_ status: JSONValue, _ index: Int, _ field: String) -> JSONValue? {
            status["containerStatuses"]?.array?.dropFirst(index).first?[field]
        }
        // Nothing starts before every volume is there.
        let waiting = try await lab.wait("parts") {
            $0["initContainerStatuses"]?.array?.first?["state"]?["waiting"]?["message"] != nil
                || state($0, 0, "state")?["waiting"]?["message"] != nil
        }
        #expect(JSONWriter.text(waiting).contains("hostPath type check failed: \(host) does not exist"))
        try FileManager.default.createDirectory(atPath: host, withIntermediateDirectories: true)
        let status = try await lab.wait("parts") {
            state($0, 0, "state")?["running"] != nil && state($0, 1, "lastState")?["terminated"] != nil
                && state($0, 2, "state")?["waiting"]?["message"] != nil
        }
        try await TimedOut.wait {
            FileManager.default.fileExists(atPath: "\(host)/parts-node-1/deep/made")
                && (try? String(contentsOfFile: "\(lab.folder)/file", encoding: .utf8)) == "written\n"
        } orSay: {
            "nothing is written"
        }
        #expect(state(status, 1, "lastState")?["terminated"]?["message"] == "the reason\n")
        // A link that leads out of its volume leads nowhere.
        #expect(state(status, 2, "state")?["waiting"]?["reason"] == "CreateContainerConfigError")
        try await lab.end("parts")
    }

    private static let kinds = ["pid", "ipc", "net", "uts"]

    /// A pod of one container that says what it may do and where it is, and that line by line.
    private func report(_ lab: AgentLab, _ name: String, _ spec: String, _ container: String) async throws -> [String] {
        let script =
            "exec 2>&1; for k in \(Self.kinds.joined(separator: " ")); do readlink /proc/self/ns/$k; done; cat /proc/self/oom_score_adj; "
            + "grep CapEff /proc/self/status; mkdir /x && echo made; ls /dev/kmsg; echo end"
        try lab.apply(
            name,
            #"""
            {"restartPolicy":"Never",\#(spec)"containers":[
             {"name":"a","image":"busybox",\#(container)"command":["sh","-c","\#(script)"]}]}
            """#)
        try await lab.wait(name) { ["Succeeded", "Failed"].contains($0["phase"]?.string) }
        let lines = await lab.log(name, "a").split(separator: "\n").map(String.init)
        try await lab.end(name)
        try #require(lines.last == "end" && lines.count > 6, "\(lines)")
        return lines
    }

    @Test func podsGetTheMachinesNamespacesAndRightsThatTheyAskFor() async throws {
        let lab = try AgentLab()
        try FileManager.default.createDirectory(
            atPath: "\(lab.folder)/agent/seccomp", withIntermediateDirectories: true)
        try #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}"#
            .write(toFile: "\(lab.folder)/agent/seccomp/strict.json", atomically: true, encoding: .utf8)
        try lab.start()
        let machine = try Self.kinds.map {
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\($0)")
        }
        func shared(_ lines: [String]) -> [String] {
            zip(Self.kinds, zip(machine, lines)).filter { $0.1.0 == $0.1.1 }.map(\.0)
        }
        func capabilities(_ lines: [String]) -> UInt64 {
            lines[5].split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
        }
        let (netAdmin, chown) = (UInt64(1) << 12, UInt64(1) << 0)

        let plain = try await report(lab, "plain", "", "")
        #expect(shared(plain).isEmpty)
        #expect(plain[4] == "1000")
        #expect(capabilities(plain) & netAdmin == 0 && capabilities(plain) & chown != 0)
        #expect(plain.contains("made") && !plain.contains("/dev/kmsg"))

        let host = try await report(
            lab, "host", #""hostPID":true,"hostIPC":true,"hostNetwork":true,"#,
            #""securityContext":{"capabilities":{"add":["NET_ADMIN"],"drop":["CHOWN"]}},"resources":{"limits":{"cpu":"1","memory":"64Mi"}},"#
        )
        #expect(shared(host) == Self.kinds)
        #expect(capabilities(host) & netAdmin != 0 && capabilities(host) & chown == 0)
        #expect(Int(host[4]) ?? 1000 < 1000)

        let privileged = try await report(lab, "privileged", "", #""securityContext":{"privileged":true},"#)
        #expect(shared(privileged).isEmpty)
        #expect(capabilities(privileged) & netAdmin != 0)
        #expect(privileged.contains("/dev/kmsg"))

        let strict = try await report(
            lab, "strict", "",
            #""securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"strict.json"}},"#)
        #expect(!strict.contains("made"))
    }

    /// Of whichever version of cgroups this machine has; the QEMU guest has version 2.
    @Test func limitsAreThoseOfItsCgroups() async throws {
        let lab = try AgentLab()
        try lab.apply(
            "limits",
            #"""
            {"terminationGracePeriodSeconds":0,"containers":[{"name":"a","image":"busybox","command":["sleep","1000"],
              "resources":{"requests":{"cpu":"100m","memory":"32Mi"},"limits":{"cpu":"200m","memory":"64Mi"}}}]}
            """#)
        try lab.start()
        _ = try await lab.waitUntilReady("limits")
        let uid = try #require(await lab.runner("limits")?.uid)
        func values(_ names: String...) -> Set<String> {
            let files = lab.remains.cgroupFolders.flatMap { root in
                (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []).map { "\(root)/\($0)" }
            }
            let wanted = files.filter { file in file.contains(uid) && names.contains { file.hasSuffix("/\($0)") } }
            return Set(
                wanted.flatMap { ((try? String(contentsOfFile: $0, encoding: .utf8)) ?? "").split(separator: "\n") }
                    .map(String.init))
        }
        #expect(!values("cpu.cfs_quota_us", "cpu.max").isDisjoint(with: ["20000", "20000 100000"]))
        #expect(values("memory.limit_in_bytes", "memory.max").contains("\(64 << 20)"))
        #expect(!values("cpu.shares", "cpu.weight").isDisjoint(with: ["102", "4"]))
        try await lab.end("limits")
    }

    @Test(arguments: [
        ("memory.available<900Ti", "memory"), ("nodefs.available<100%", "ephemeral-storage"),
        ("pid.available<100%", "pids"),
    ])
    func aNodeThatIsShortEndsPods(threshold: String, resource: String) async throws {
        let lab = try AgentLab()
        lab.options.evictionHard = threshold
        try lab.start()
        // What runs before it has looked round counts as left over.
        try await TimedOut.wait {
            lab.agent?.isReady == true
        } orSay: {
            "the agent does not know its pods"
        }
        let pod = try APIObject(
            json: JSONParser.parse(
                #"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"big-node-1","namespace":"default","uid":"u1"},
                 "spec":{"containers":[{"name":"a","image":"busybox","command":["sleep","1000"]}]}}
                """#))
        await lab.agent?.registry.declare(pod)
        let status = try await lab.wait("big") { $0["phase"] == "Failed" }
        #expect(status["reason"] == "Evicted")
        #expect(status["message"] == .string("The node was low on resource: \(resource). "))
        await lab.agent?.registry.withdraw(uid: "u1")
        try await lab.waitUntilGone("big")
        #expect(lab.mounts.isEmpty)
    }
}
