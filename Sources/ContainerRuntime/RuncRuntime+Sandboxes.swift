import Glibc
import KubeAPI
import Processes
import RuntimeSpec
import Synchronization
import Threads

extension RuncRuntime {
    private func file(_ id: String) -> String { "\(options.dataFolder)/sandboxes/\(id).json" }

    public func startSandbox(_ plan: SandboxPlan) async throws -> SandboxRecord {
        try await OwnThread.wait { try self.start(plan) }
    }

    private func start(_ plan: SandboxPlan) throws -> SandboxRecord {
        if let name = plan.foreignSysctl {
            throw RuntimeFailure("the sysctl \(name) is not of the pod's own namespaces")
        }
        try cgroups.make(plan.cgroup, plan.resources)
        let holder = "\(plan.cgroup)/sandbox"
        try cgroups.make(holder)
        let settings = plan.sysctls.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let (pid, report) = try startReporting(
            [
                "pause", "--namespaces", plan.namespaces.sorted().joined(separator: ","), "--hostname", plan.hostname,
            ] + cgroups.memberFiles(holder).flatMap { ["--join", $0] } + settings)
        guard ProcessEnd.reap(pid) == .exit(0), let process = ProcessIdentity.reported(report) else {
            throw RuntimeFailure("the pod's namespaces cannot be made: \(ProcessIdentity.failure(report))")
        }
        let record = SandboxRecord(
            id: plan.id, process: process, namespaces: plan.namespaces, cgroup: plan.cgroup, labels: plan.labels,
            createdAt: Clock.now(), isRunning: true)
        do {
            try Files.replace(file(plan.id), JSONWriter.text(record.json))
        } catch {
            process.signal(SIGKILL)
            throw error
        }
        sandboxes.withLock { $0[plan.id] = record }
        return record
    }

    public func sandboxEnd(_ id: String) async {
        guard let record = sandboxes.withLock({ $0[id] }) else { return }
        await withCheckedContinuation { continuation in watch.end(of: record.process) { continuation.resume() } }
        sandboxes.withLock { $0[id]?.isRunning = false }
    }

    public func removeSandbox(_ id: String) async throws {
        try await OwnThread.wait {
            guard let record = self.sandboxes.withLock({ $0[id] }) else { return }
            record.process.signal(SIGKILL)
            try self.cgroups.remove(record.cgroup)
            unlink(self.file(id))
            self.sandboxes.withLock { $0[id] = nil }
        }
    }

    /// The pod cgroups below `root` that neither a sandbox nor one of these pods has: a start that was cut short.
    public func removeStrays(below root: String, keeping uids: Set<String>) async {
        let known = Set(sandboxes.withLock { $0.values.map(\.cgroup) })
        try? await OwnThread.wait {
            for level in ["", "/burstable", "/besteffort"] {
                for name in self.cgroups.names(in: root + level) where name.hasPrefix("pod") {
                    let path = "\(root)\(level)/\(name)"
                    if uids.contains(String(name.dropFirst(3))) || known.contains(path) { continue }
                    try self.cgroups.remove(path)
                }
            }
        }
    }

    /// Ends everything that a runtime with these folders has left, without its agent and also after a crash: containers,
    /// pause processes, monitors, mounts, cgroups below `cgroupRoot`, records. What is not there is no error. Blocks.
    public static func removeEverything(_ options: Options, cgroupRoot: String) throws {
        guard cgroupRoot.contains(where: { $0 != "/" && $0 != "." }) else {
            throw RuntimeFailure("\(cgroupRoot) is every process of the machine and no node's cgroup")
        }
        let records = Files.names(in: "\(options.dataFolder)/containers").compactMap { id -> ContainerRecord? in
            let text = Files.read("\(options.dataFolder)/containers/\(id)/record.json")
            return text.flatMap { try? JSONParser.parse($0) }.flatMap { ContainerRecord(json: $0) }
        }
        for record in records {
            record.process.kill()
            record.monitor.kill()
        }
        try Cgroups(mountPoint: options.cgroupMountPoint).remove(cgroupRoot)
        for folder in [options.dataFolder, options.runFolder] { Mounts.unmountAll(below: folder) }
        for part in ["containers", "sandboxes", "pods"] { try Files.removeTree("\(options.dataFolder)/\(part)") }
        try Files.removeTree(options.runFolder)
    }

    // MARK: - What there is

    public func inventory() async throws -> RuntimeInventory {
        RuntimeInventory(
            sandboxes: sandboxes.withLock { Array($0.values) }, containers: known.withLock { Array($0.values) })
    }

    /// What another process of ours left: records of what runs or has ended, and remains of what was never finished.
    func load() {
        for name in Files.names(in: "\(options.dataFolder)/sandboxes") where name.hasSuffix(".json") {
            let path = "\(options.dataFolder)/sandboxes/\(name)"
            guard let text = Files.read(path), let json = try? JSONParser.parse(text),
                let record = SandboxRecord(json: json)
            else {
                unlink(path)
                continue
            }
            sandboxes.withLock { $0[record.id] = record }
        }
        for id in Files.names(in: "\(options.dataFolder)/containers") {
            guard let text = Files.read("\(folder(id))/record.json"), let json = try? JSONParser.parse(text),
                var record = ContainerRecord(json: json)
            else {
                // Its start was cut short, and nobody was told of it.
                try? remove(id)
                continue
            }
            record.end = ContainerEnd.read("\(folder(id))/exit.json")
            if record.end == nil, !record.monitor.isAlive {
                record.process.signal(SIGKILL)
                record.end = .unknown(at: Clock.now())
            }
            known.withLock { $0[id] = record }
        }
    }
}
