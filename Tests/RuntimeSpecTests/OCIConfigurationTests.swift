import KubeAPI
import RuntimeSpec
import Testing

@Suite struct OCIConfigurationTests {
    private func spec(_ change: (inout ContainerPlan) -> Void = { _ in }) throws -> JSONValue {
        var plan = ContainerPlan(arguments: ["/app", "-v"], environment: ["A=1"], cgroup: "/kubepods/poduid/id")
        change(&plan)
        return try OCIConfiguration.json(of: plan, rootPath: "rootfs")
    }

    @Test func theProcessIsWhatThePlanSays() throws {
        let process = try spec {
            $0.user = .init(uid: 7, gid: 8, additionalGroups: [9])
            $0.workingDirectory = "/work"
            $0.hasTerminal = true
            $0.allowsPrivilegeEscalation = false
            $0.oomScoreAdjustment = -997
            $0.droppedCapabilities = ["ALL"]
            $0.addedCapabilities = ["NET_BIND_SERVICE"]
        }["process"]
        #expect(
            process == [
                "terminal": true, "user": ["uid": 7, "gid": 8, "additionalGids": [9]], "args": ["/app", "-v"],
                "env": ["A=1"], "cwd": "/work",
                "capabilities": ["bounding": ["CAP_NET_BIND_SERVICE"], "effective": [], "permitted": []],
                "noNewPrivileges": true, "oomScoreAdj": -997,
            ])
    }

    @Test func namespacesAreJoinedSharedOrTheMachines() throws {
        let namespaces = try spec {
            $0.network = .path("/proc/5/ns/net")
            $0.ipc = .host
            $0.pid = .own
            $0.uts = .host
        }["linux"]?["namespaces"]
        #expect(namespaces == [["type": "mount"], ["type": "network", "path": "/proc/5/ns/net"], ["type": "pid"]])
    }

    @Test func limitsAreCgroupLimits() throws {
        let resources = try spec {
            $0.resources = Resources(
                cpuShares: 512, cpuQuota: 50_000, cpuPeriod: 100_000, memoryLimit: 1 << 20, processLimit: 64)
        }["linux"]?["resources"]
        #expect(resources?["cpu"] == ["shares": 512, "quota": 50000, "period": 100_000])
        #expect(resources?["memory"] == ["limit": 1_048_576])
        #expect(resources?["pids"] == ["limit": 64])
    }

    @Test func privilegedMeansNothingIsHidden() throws {
        let plain = try spec()
        #expect(plain["linux"]?["maskedPaths"]?.array?.contains("/proc/kcore") == true)
        let privileged = try spec { $0.isPrivileged = true }
        #expect(privileged["linux"]?["maskedPaths"] == nil)
        #expect(privileged["process"]?["capabilities"]?["bounding"]?.array?.count == Capabilities.all.count)
        #expect(privileged["linux"]?["resources"]?["devices"] == [["allow": true, "access": "rwm"]])
        let sys = privileged["mounts"]?.array?.first { $0["destination"] == "/sys" }
        #expect(sys?["options"]?.array?.contains("rw") == true)
    }

    @Test func nobodyGetsWhatTheMachineLacks() throws {
        var plan = ContainerPlan(arguments: ["x"], cgroup: "/c")
        plan.isPrivileged = true
        plan.oomScoreAdjustment = -997
        let machine = OCIConfiguration.Machine(capabilities: ["CHOWN"], lowestOOMScoreAdjustment: 0)
        let process = try OCIConfiguration.json(of: plan, rootPath: "rootfs", on: machine)["process"]
        #expect(process?["capabilities"]?["bounding"] == ["CAP_CHOWN"])
        #expect(process?["oomScoreAdj"] == 0)
    }

    @Test func aMountOfOurOwnReplacesTheUsualOne() throws {
        let mounts = try spec { $0.mounts = [.bind("/x/shm", at: "/dev/shm")] }["mounts"]?.array ?? []
        let shared = mounts.filter { $0["destination"] == "/dev/shm" }
        #expect(
            shared == [
                [
                    "destination": "/dev/shm", "type": "bind", "source": "/x/shm",
                    "options": ["rbind", "rprivate", "rw"],
                ]
            ])
    }

    @Test func onlySysAdminMakesNamespaces() throws {
        func names(_ capabilities: [String]) -> Set<String> {
            let rules = SeccompProfile.normal(capabilities)["syscalls"]?.array ?? []
            return Set((rules.first?["names"]?.array ?? []).compactMap(\.string))
        }
        let normal = names(Capabilities.normal)
        #expect(normal.isSuperset(of: ["read", "write", "execve", "futex", "chroot"]))
        #expect(normal.isDisjoint(with: ["mount", "unshare", "setns", "bpf", "init_module", "reboot", "clone"]))
        #expect(names(["SYS_ADMIN"]).isSuperset(of: ["mount", "unshare", "clone", "clone3"]))
    }

    @Test(arguments: [(2, 1), (1024, 39), (262_144, 10_000), (1, 1)])
    func sharesBecomeWeights(shares: Int64, weight: Int64) {
        #expect(Resources.weight(ofShares: shares) == weight)
    }
}
