import Glibc
import RuntimeSpec

/// The machine's cgroups: one hierarchy per controller (v1) or a single one (v2), below one root.
struct Cgroups: Sendable {
    let mountPoint: String
    let isUnified: Bool
    /// Of v1, those that are mounted and that limit or count something.
    private let controllers: [String]
    /// Folders of all hierarchies: runtimes put a container into each.
    private let hierarchies: [String]

    init(mountPoint: String = "/sys/fs/cgroup") {
        self.mountPoint = mountPoint
        isUnified = access("\(mountPoint)/cgroup.controllers", F_OK) == 0
        let roots = Files.names(in: mountPoint).map { "\(mountPoint)/\($0)" }
        hierarchies =
            isUnified ? [mountPoint] : roots.filter { access("\($0)/cgroup.procs", F_OK) == 0 }
        controllers = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"].filter {
            access("\(mountPoint)/\($0)/cgroup.procs", F_OK) == 0
        }
    }

    /// The folders that make up one cgroup; combined controllers (cpu,cpuacct) may be the same folder twice.
    private func folders(_ path: String) -> [String] {
        isUnified ? [mountPoint + path] : controllers.map { "\(mountPoint)/\($0)\(path)" }
    }

    private func file(_ path: String, _ controller: String, _ name: String) -> String {
        isUnified ? "\(mountPoint)\(path)/\(name)" : "\(mountPoint)/\(controller)\(path)/\(name)"
    }

    /// Makes the cgroup with those above it, and sets its limits.
    func make(_ path: String, _ resources: Resources = Resources()) throws(RuntimeFailure) {
        var parent = ""
        for part in path.split(separator: "/") {
            if isUnified { delegate(parent) }
            parent += "/\(part)"
            for folder in folders(parent) { try Files.makeFolder(folder) }
            if !isUnified { inheritProcessors(parent) }
        }
        try set(path, resources)
    }

    /// v2: lets children have controllers of their own. Some may not be there; the others count.
    private func delegate(_ parent: String) {
        for controller in ["cpu", "memory", "pids", "cpuset", "io"] {
            try? Files.write("\(mountPoint)\(parent)/cgroup.subtree_control", "+\(controller)")
        }
    }

    /// v1: a cpuset without processors takes no process.
    private func inheritProcessors(_ path: String) {
        guard controllers.contains("cpuset"), let slash = path.lastIndex(of: "/") else { return }
        for name in ["cpuset.cpus", "cpuset.mems"] {
            let own = file(path, "cpuset", name)
            guard Files.read(own)?.contains(where: \.isNumber) != true,
                let above = Files.read(file(String(path[..<slash]), "cpuset", name))
            else { continue }
            try? Files.write(own, above)
        }
    }

    func set(_ path: String, _ resources: Resources) throws(RuntimeFailure) {
        for (controller, name, value) in isUnified ? unified(resources) : separate(resources) {
            let file = file(path, controller, name)
            // A kernel without the controller has no limits to set.
            guard access(file, F_OK) == 0 else { continue }
            try Files.write(file, value)
        }
    }

    private func separate(_ resources: Resources) -> [(String, String, String)] {
        let values: [(String, String, Int64?)] = [
            ("cpu", "cpu.shares", resources.cpuShares), ("cpu", "cpu.cfs_period_us", resources.cpuPeriod),
            ("cpu", "cpu.cfs_quota_us", resources.cpuQuota), ("memory", "memory.limit_in_bytes", resources.memoryLimit),
            ("pids", "pids.max", resources.processLimit),
        ]
        return values.compactMap { controller, name, value in value.map { (controller, name, "\($0)") } }
    }

    private func unified(_ resources: Resources) -> [(String, String, String)] {
        func limit(_ value: Int64) -> String { value < 0 ? "max" : "\(value)" }
        var values: [(String, String, String)] = []
        if let shares = resources.cpuShares {
            values.append(("cpu", "cpu.weight", "\(Resources.weight(ofShares: shares))"))
        }
        if let quota = resources.cpuQuota {
            values.append(("cpu", "cpu.max", "\(limit(quota)) \(resources.cpuPeriod ?? 100_000)"))
        }
        if let memory = resources.memoryLimit { values.append(("memory", "memory.max", limit(memory))) }
        if let processes = resources.processLimit { values.append(("pids", "pids.max", limit(processes))) }
        return values
    }

    /// What a process writes itself into.
    func memberFiles(_ path: String) -> [String] { folders(path).map { "\($0)/cgroup.procs" } }

    /// Names of what is directly below: cgroups, and the kernel's files.
    func names(in path: String) -> Set<String> {
        var names: Set<String> = []
        for folder in folders(path) { names.formUnion(Files.names(in: folder)) }
        return names
    }

    func processes(_ path: String) -> [pid_t] {
        Set(folders(path).flatMap { (Files.read("\($0)/cgroup.procs") ?? "").split(separator: "\n") })
            .compactMap { pid_t($0) }
    }

    /// Kills what is in it and in those below, and removes them all. One that is not there is no error.
    func remove(_ path: String) throws(RuntimeFailure) {
        for attempt in 0..<200 {
            killAll(path)
            if hierarchies.filter({ !Self.removeTree($0 + path) }).isEmpty { return }
            // Ends of processes take effect a little later.
            if attempt < 199 { usleep(5000) }
        }
        throw RuntimeFailure("the cgroup \(path) still has processes after a second of killing them")
    }

    private func killAll(_ path: String) {
        for root in hierarchies { Self.killTree(root + path) }
    }

    private static func children(_ folder: String) -> [String] {
        Files.names(in: folder).map { "\(folder)/\($0)" }.filter { path in
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    private static func killTree(_ folder: String) {
        for child in children(folder) { killTree(child) }
        for pid in (Files.read("\(folder)/cgroup.procs") ?? "").split(separator: "\n") {
            if let pid = pid_t(pid), pid > 1 { kill(pid, SIGKILL) }
        }
    }

    /// True when it is gone.
    private static func removeTree(_ folder: String) -> Bool {
        for child in children(folder) where !removeTree(child) { return false }
        return rmdir(folder) == 0 || errno == ENOENT
    }

    // MARK: - Numbers

    /// Where the kernel counts processes that were killed for want of memory.
    func outOfMemoryFile(_ path: String) -> String {
        isUnified ? file(path, "memory", "memory.events") : file(path, "memory", "memory.oom_control")
    }

    func stats(_ path: String) -> ContainerStats? {
        let inactive = number(
            in: file(path, "memory", "memory.stat"), isUnified ? "inactive_file" : "total_inactive_file")
        let usage = number(file(path, "memory", isUnified ? "memory.current" : "memory.usage_in_bytes"))
        let time =
            isUnified
            ? number(in: file(path, "cpu", "cpu.stat"), "usage_usec").map { $0 &* 1000 }
            : number(file(path, "cpuacct", "cpuacct.usage"))
        guard usage != nil || time != nil else { return nil }
        let used = usage ?? 0
        return ContainerStats(
            cpuNanoseconds: time ?? 0, memoryUsage: used, memoryWorkingSet: used - min(used, inactive ?? 0),
            processes: number(file(path, "pids", "pids.current")) ?? 0)
    }

    private func number(_ file: String) -> UInt64? { Files.read(file).flatMap { UInt64($0.prefix { $0.isNumber }) } }

    /// The value in a line `name value`.
    private func number(in file: String, _ name: String) -> UInt64? {
        for line in (Files.read(file) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return UInt64(words[1]) }
        }
        return nil
    }
}
