import AgentCore
import ContainerRuntime
import Glibc
import KubeAPI
import KubeClient
import Threads

/// `/stats/summary`, and what metrics are made of.
struct NodeStats: Sendable {
    private let routes: AgentRoutes

    init(_ routes: AgentRoutes) { self.routes = routes }

    struct Sample {
        let record: ContainerRecord
        let stats: ContainerStats
    }

    func samples() async -> [Sample] {
        var samples: [Sample] = []
        let containers = (try? await routes.services.runtime.inventory().containers) ?? []
        for record in containers.sorted(by: { $0.id < $1.id }) where record.end == nil {
            if let stats = await routes.services.runtime.stats(record.id) {
                samples.append(Sample(record: record, stats: stats))
            }
        }
        return samples
    }

    // MARK: - summary

    func summary() async -> JSONValue {
        let now = JSONValue.string(RFC3339.text(nanoseconds: WallClock.now(), .seconds))
        let sandboxes = (try? await routes.services.runtime.inventory().sandboxes.filter(\.isRunning)) ?? []
        var pods: [JSONValue] = []
        for (uid, samples) in Dictionary(grouping: await samples(), by: { $0.record.labels[ContainerLabels.uid] ?? "" })
            .sorted(by: { $0.key < $1.key })
        {
            let traffic = sandboxes.filter { $0.labels[ContainerLabels.uid] == uid }.flatMap(InterfaceCounters.of)
            pods.append(await pod(uid, samples, traffic, now))
        }
        return [
            "node": [
                "nodeName": .string(routes.options.nodeName),
                "cpu": ["time": now, "usageCoreNanoSeconds": .integer(Self.nodeTime())],
                "memory": [
                    "time": now, "workingSetBytes": .integer(Self.nodeMemory()),
                    "availableBytes": .integer(
                        (Files.number("/proc/meminfo", after: "MemAvailable:") ?? 0) * 1024),
                ],
                "fs": Self.disk(routes.options.dataFolder, now),
            ],
            "pods": .array(pods),
        ]
    }

    private func pod(
        _ uid: String, _ samples: [Sample], _ traffic: [InterfaceCounters], _ now: JSONValue
    ) async -> JSONValue {
        let labels = samples.first?.record.labels ?? [:]
        var pod: JSONValue = [
            "podRef": [
                "name": .string(labels[ContainerLabels.name] ?? ""),
                "namespace": .string(labels[ContainerLabels.namespace] ?? ""), "uid": .string(uid),
            ],
            "containers": .array(
                samples.map { sample in
                    [
                        "name": .string(sample.record.labels[ContainerLabels.container] ?? ""),
                        "startTime": .string(RFC3339.text(nanoseconds: sample.record.startedAt, .seconds)),
                        "cpu": Self.cpu([sample], now), "memory": Self.memory([sample], now),
                    ]
                }),
            "cpu": Self.cpu(samples, now), "memory": Self.memory(samples, now),
            "process_stats": [
                "process_count": .integer(Int64(clamping: samples.reduce(0) { $0 + $1.stats.processes }))
            ],
        ]
        if var network = traffic.first?.json {
            network[path: "time"] = now
            network[path: "interfaces"] = .array(traffic.map(\.json))
            pod[path: "network"] = network
        }
        guard let runner = await routes.registry.runner(uid: uid) else { return pod }
        if let start = await runner.status["startTime"] { pod[path: "startTime"] = start }
        let names = await runner.declaration.volumes.filter { $0["hostPath"] == nil }.compactMap { $0["name"]?.string }
        let (paths, volumes) = (runner.paths, names)
        let usage = try? await OwnThread.wait { Self.usage(paths, volumes, now) }
        for (name, value) in usage ?? [:] { pod[path: name] = value }
        return pod
    }

    /// What a pod takes of the node's disk, and each of its volumes.
    private static func usage(_ paths: PodPaths, _ volumes: [String], _ now: JSONValue) -> [String: JSONValue] {
        let all = DiskUsage.bytes(below: paths.root) &+ DiskUsage.bytes(below: paths.logs)
        return [
            "ephemeral-storage": ["time": now, "usedBytes": .integer(all)],
            "volume": .array(
                volumes.map { name in
                    [
                        "time": now, "name": .string(name),
                        "usedBytes": .integer(DiskUsage.bytes(below: paths.volume(name))),
                    ]
                }),
        ]
    }

    private static func disk(_ folder: String, _ now: JSONValue) -> JSONValue {
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { return ["time": now] }
        let block = Int64(disk.f_frsize)
        func bytes(_ blocks: UInt) -> JSONValue { .integer(Int64(clamping: blocks) &* block) }
        func count(_ files: UInt) -> JSONValue { .integer(Int64(clamping: files)) }
        return [
            "time": now, "capacityBytes": bytes(disk.f_blocks), "availableBytes": bytes(disk.f_bavail),
            "usedBytes": bytes(disk.f_blocks - disk.f_bfree), "inodes": count(disk.f_files),
            "inodesFree": count(disk.f_ffree), "inodesUsed": count(disk.f_files - disk.f_ffree),
        ]
    }

    private static func cpu(_ samples: [Sample], _ now: JSONValue) -> JSONValue {
        let time = samples.reduce(UInt64(0)) { $0 &+ $1.stats.cpuNanoseconds }
        return ["time": now, "usageCoreNanoSeconds": .integer(Int64(clamping: time))]
    }

    private static func memory(_ samples: [Sample], _ now: JSONValue) -> JSONValue {
        let usage = samples.reduce(UInt64(0)) { $0 &+ $1.stats.memoryUsage }
        let working = samples.reduce(UInt64(0)) { $0 &+ $1.stats.memoryWorkingSet }
        return [
            "time": now, "usageBytes": .integer(Int64(clamping: usage)),
            "workingSetBytes": .integer(Int64(clamping: working)),
        ]
    }

    /// proc(5): `cpu user nice system idle iowait irq softirq steal`, in hundredths of a second.
    static func nodeTime() -> Int64 {
        let line = Files.line("/proc/stat").split(separator: " ").dropFirst().compactMap { Int64($0) }
        let busy = line.enumerated().filter { ![3, 4].contains($0.offset) && $0.offset < 8 }.map(\.element)
        return busy.reduce(0, +) &* 10_000_000
    }

    static func nodeMemory() -> Int64 {
        let total = Files.number("/proc/meminfo", after: "MemTotal:") ?? 0
        return max(0, total - (Files.number("/proc/meminfo", after: "MemAvailable:") ?? 0)) * 1024
    }
}
