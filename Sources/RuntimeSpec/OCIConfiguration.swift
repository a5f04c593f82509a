import KubeAPI

/// `config.json` of the OCI runtime specification 1.0.2.
public enum OCIConfiguration {
    /// What this machine lets the runtime give away.
    public struct Machine: Sendable, Hashable {
        /// Without `CAP_`.
        public var capabilities: Set<String>
        /// Nobody's oom_score_adj may be lower.
        public var lowestOOMScoreAdjustment: Int

        public init(capabilities: Set<String> = Set(Capabilities.all), lowestOOMScoreAdjustment: Int = -1000) {
            self.capabilities = capabilities
            self.lowestOOMScoreAdjustment = lowestOOMScoreAdjustment
        }
    }

    public static func json(of plan: ContainerPlan, rootPath: String, on machine: Machine = Machine()) throws(JSONError)
        -> JSONValue
    {
        var spec: JSONValue = [
            "ociVersion": "1.0.2",
            "process": process(plan, machine),
            "root": ["path": .string(rootPath), "readonly": .bool(plan.isRootReadOnly)],
            "mounts": .array(mounts(plan).map(json)),
            "linux": try linux(plan),
        ]
        if !plan.annotations.isEmpty {
            spec[path: "annotations"] = .object(
                JSONObject(plan.annotations.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }))
        }
        return spec
    }

    static func process(_ plan: ContainerPlan, _ machine: Machine) -> JSONValue {
        let held = Capabilities.effective(of: plan).filter(machine.capabilities.contains)
        let capabilities = strings(held.map { "CAP_\($0)" })
        // Whoever is not root has them only through files, as execve(2) would leave it.
        let own: JSONValue = plan.user.uid == 0 ? capabilities : []
        var user: JSONValue = ["uid": .integer(Int64(plan.user.uid)), "gid": .integer(Int64(plan.user.gid))]
        if !plan.user.additionalGroups.isEmpty {
            user[path: "additionalGids"] = .array(plan.user.additionalGroups.map { .integer(Int64($0)) })
        }
        return [
            "terminal": .bool(plan.hasTerminal),
            "user": user,
            "args": strings(plan.arguments),
            "env": strings(plan.environment),
            "cwd": .string(plan.workingDirectory),
            "capabilities": [
                "bounding": capabilities, "effective": own, "permitted": own,
            ],
            "noNewPrivileges": .bool(!plan.isPrivileged && !plan.allowsPrivilegeEscalation),
            "oomScoreAdj": .integer(Int64(max(plan.oomScoreAdjustment, machine.lowestOOMScoreAdjustment))),
        ]
    }

    // MARK: - Mounts

    private static func mounts(_ plan: ContainerPlan) -> [ContainerPlan.Mount] {
        let access = plan.isPrivileged ? "rw" : "ro"
        var fixed: [ContainerPlan.Mount] = [
            .init(source: "proc", destination: "/proc", type: "proc", options: ["nosuid", "noexec", "nodev"]),
            .init(
                source: "tmpfs", destination: "/dev", type: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            .init(
                source: "devpts", destination: "/dev/pts", type: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            .init(
                source: "mqueue", destination: "/dev/mqueue", type: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            .init(
                source: "sysfs", destination: "/sys", type: "sysfs", options: ["nosuid", "noexec", "nodev", access]),
            .init(
                source: "cgroup", destination: "/sys/fs/cgroup", type: "cgroup",
                options: ["nosuid", "noexec", "nodev", "relatime", access]),
            .init(
                source: "shm", destination: "/dev/shm", type: "tmpfs",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        ]
        if plan.network == .host {
            // sysfs shows the network namespace that mounts it; the machine's may not be mounted anew.
            fixed[4] = .init(
                source: "/sys", destination: "/sys",
                options: ["rbind", "nosuid", "noexec", "nodev", access])
            fixed.remove(at: 5)
        }
        let given = Set(plan.mounts.map(\.destination))
        return fixed.filter { !given.contains($0.destination) } + plan.mounts
    }

    private static func json(_ mount: ContainerPlan.Mount) -> JSONValue {
        [
            "destination": .string(mount.destination), "type": .string(mount.type), "source": .string(mount.source),
            "options": strings(mount.options),
        ]
    }

    // MARK: - Linux

    private static func linux(_ plan: ContainerPlan) throws(JSONError) -> JSONValue {
        var linux: JSONValue = [
            "cgroupsPath": .string(plan.cgroup),
            "namespaces": .array(namespaces(plan)),
            "resources": resources(plan),
            "rootfsPropagation": "rslave",
        ]
        let devices = plan.devices.map { device -> JSONValue in
            [
                "path": .string(device.path), "type": device.isBlock ? "b" : "c", "major": .integer(device.major),
                "minor": .integer(device.minor), "fileMode": .integer(Int64(device.mode)),
                "uid": .integer(Int64(device.uid)), "gid": .integer(Int64(device.gid)),
            ]
        }
        if !devices.isEmpty { linux[path: "devices"] = .array(devices) }
        guard !plan.isPrivileged else { return linux }
        if plan.masksProc {
            linux[path: "maskedPaths"] = strings(maskedPaths)
            linux[path: "readonlyPaths"] = strings(readOnlyPaths)
        }
        switch plan.seccomp {
        case .unconfined: break
        case .runtimeDefault: linux[path: "seccomp"] = SeccompProfile.normal(Capabilities.effective(of: plan))
        case .profile(let text): linux[path: "seccomp"] = try JSONParser.parse(text)
        }
        return linux
    }

    private static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ]

    private static let readOnlyPaths = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]

    private static func namespaces(_ plan: ContainerPlan) -> [JSONValue] {
        let kinds: [(String, ContainerPlan.Namespace)] = [
            ("mount", .own), ("network", plan.network), ("ipc", plan.ipc), ("uts", plan.uts), ("pid", plan.pid),
        ]
        return kinds.compactMap { kind, namespace in
            switch namespace {
            case .host: nil
            case .own: ["type": .string(kind)]
            case .path(let path): ["type": .string(kind), "path": .string(path)]
            }
        }
    }

    private static func resources(_ plan: ContainerPlan) -> JSONValue {
        let limits = plan.resources
        var rules: [JSONValue] = [["allow": .bool(plan.isPrivileged), "access": "rwm"]]
        rules += (plan.isPrivileged ? [] : plan.devices).map { device in
            [
                "allow": true, "type": device.isBlock ? "b" : "c", "major": .integer(device.major),
                "minor": .integer(device.minor), "access": .string(device.access),
            ]
        }
        var resources: JSONValue = ["devices": .array(rules)]
        func set(_ value: Int64?, _ path: String...) {
            if let value { resources[path: path[...]] = .integer(value) }
        }
        set(limits.cpuShares, "cpu", "shares")
        set(limits.cpuQuota, "cpu", "quota")
        set(limits.cpuPeriod, "cpu", "period")
        set(limits.memoryLimit, "memory", "limit")
        set(limits.processLimit, "pids", "limit")
        return resources
    }

    private static func strings(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
}
