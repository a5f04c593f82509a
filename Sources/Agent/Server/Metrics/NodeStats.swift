import AgentCore
import ContainerRuntime
import KubeAPI
import KubeClient

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
        let pods = Dictionary(grouping: await samples()) { $0.record.labels[ContainerLabels.uid] ?? "" }
        return [
            "node": [
                "nodeName": .string(routes.options.nodeName),
                "cpu": ["time": now, "usageCoreNanoSeconds": .integer(Self.nodeTime())],
                "memory": [
                    "time": now, "workingSetBytes": .integer(Self.nodeMemory()),
                    "availableBytes": .integer(
                        (Files.number("/proc/meminfo", after: "MemAvailable:") ?? 0) * 1024),
                ],
            ],
            "pods": .array(pods.sorted { $0.key < $1.key }.map { pod($0.value, now) }),
        ]
    }

    private func pod(_ samples: [Sample], _ now: JSONValue) -> JSONValue {
        let labels = samples.first?.record.labels ?? [:]
        return [
            "podRef": [
                "name": .string(labels[ContainerLabels.name] ?? ""),
                "namespace": .string(labels[ContainerLabels.namespace] ?? ""),
                "uid": .string(labels[ContainerLabels.uid] ?? ""),
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
