import AgentCore
import ContainerRuntime
import Glibc
import KubeAPI
import KubeSchema
import Logging
import Threads

/// Looks at what is left of the node's memory, disk and processes; says so in the node's conditions, and ends one pod after
/// the other until there is enough.
struct PressureWatch: Sendable {
    /// How long a shortage is shown after it is over (kubelet's evictionPressureTransitionPeriod is longer; a condition
    /// that comes and goes would send pods to and fro).
    private static let lingering = Duration.seconds(30)

    let thresholds: EvictionThresholds
    let context: RunnerContext
    let registry: PodRegistry
    let reporter: NodeReporter?
    let images: ImageCare

    /// Works until the task is cancelled.
    func run() async {
        let limits = StorageLimits(context: context, registry: registry)
        var seen: [Eviction.Shortage: ContinuousClock.Instant] = [:]
        while !Task.isCancelled {
            let short = thresholds.shortages(await readings())
            for shortage in short { seen[shortage] = .now }
            seen = seen.filter { $0.value + Self.lingering > .now }
            await reporter?.set(Set(seen.keys))
            if let shortage = Eviction.Shortage.allCases.first(where: short.contains) { await relieve(shortage) }
            await limits.enforce()
            try? await Task.sleep(for: context.options.evictionPeriod)
        }
    }

    private func readings() async -> [Eviction.Shortage: EvictionThresholds.Reading] {
        let folder = context.options.dataFolder
        return
            (try? await OwnThread.wait {
                let memory = EvictionThresholds.Reading(
                    available: (Files.number("/proc/meminfo", after: "MemAvailable:") ?? 0) * 1024,
                    total: (Files.number("/proc/meminfo", after: "MemTotal:") ?? 0) * 1024)
                var disk = statvfs()
                let isKnown = statvfs(folder, &disk) == 0
                let size = Int64(disk.f_frsize)
                let space = EvictionThresholds.Reading(
                    available: isKnown ? Int64(disk.f_bavail) * size : 0,
                    total: isKnown ? Int64(disk.f_blocks) * size : 0)
                return [.memory: memory, .disk: space, .processes: Self.processes()]
            }) ?? [:]
    }

    /// /proc/loadavg: `0.0 0.0 0.0 running/all last`.
    private static func processes() -> EvictionThresholds.Reading {
        let fields = Files.line("/proc/loadavg").split(separator: " ")
        let all = fields.count > 3 ? fields[3].split(separator: "/").last.flatMap { Int64($0) } ?? 0 : 0
        let most = Int64(Files.line("/proc/sys/kernel/pid_max")) ?? 0
        return .init(available: most - all, total: most)
    }

    // MARK: - Eviction

    /// One pod, unless one is ending already.
    private func relieve(_ shortage: Eviction.Shortage) async {
        // Images that nothing uses go before pods do; what that has brought is seen with the next look.
        if shortage == .disk, await images.collect(.unused) { return }
        var candidates: [Eviction.Candidate] = []
        for runner in await registry.all {
            let pod = await runner.declaration
            if pod.isCritical { continue }
            if await runner.isTerminating {
                if await runner.hasContainers { return }
                continue
            }
            candidates.append(
                .init(
                    uid: runner.uid, priority: pod.priority, usage: await usage(runner, shortage),
                    request: request(pod, shortage)))
        }
        guard let first = Eviction.ranked(candidates).first, let runner = await registry.runner(uid: first.uid) else {
            return
        }
        await reporter?.say(.warning, "EvictionThresholdMet", "Attempting to reclaim \(shortage.resource)")
        context.logger.warning("a pod is evicted", metadata: ["pod": "\(runner.key)", "for": "\(shortage.resource)"])
        await runner.receive(
            .evicted(reason: "Evicted", message: "The node was low on resource: \(shortage.resource). "))
    }

    private func usage(_ runner: PodRunner, _ shortage: Eviction.Shortage) async -> Int64 {
        if shortage == .disk {
            let paths = runner.paths
            return
                (try? await OwnThread.wait { DiskUsage.bytes(below: paths.root) &+ DiskUsage.bytes(below: paths.logs) })
                ?? 0
        }
        var sum: Int64 = 0
        for record in (try? await context.runtime.inventory().containers) ?? []
        where record.labels[ContainerLabels.uid] == runner.uid && record.end == nil {
            guard let stats = await context.runtime.stats(record.id) else { continue }
            sum &+= Int64(clamping: shortage == .processes ? stats.processes : stats.memoryWorkingSet)
        }
        return sum
    }

    private func request(_ pod: PodDeclaration, _ shortage: Eviction.Shortage) -> Int64 {
        guard shortage == .memory else { return 0 }
        return pod.containers(.main).reduce(0) { $0 &+ (ContainerAmounts($1).request("memory")?.value ?? 0) }
    }
}

extension PodRunner {
    /// True while any of its containers runs.
    var hasContainers: Bool {
        get async {
            let inventory = try? await context.runtime.inventory()
            return inventory?.containers.contains { $0.labels[ContainerLabels.uid] == uid && $0.end == nil } ?? false
        }
    }
}
