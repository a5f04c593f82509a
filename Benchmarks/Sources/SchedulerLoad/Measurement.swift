import KubeAPI
import SchedulerCore

/// One workload on one cluster: every pod goes through the queue, is decided, and is placed.
struct Measurement {
    let workload: Workload
    var decided = 0
    var unplaced = 0
    var seconds = 0.0
    /// Milliseconds per decision, ascending.
    var durations: [Double] = []

    /// `before` pods without wishes are placed first, not measured.
    static func run(_ workload: Workload, nodes: Int, before: Int, pods: Int) throws -> Measurement {
        var cluster = Cluster()
        for number in 0..<nodes { cluster.set(try NodeDescription(json: Workload.node(number))) }
        cluster.setNamespace("bench", labels: [:])
        var cursor = SchedulingCursor(seed: 1)
        let profile = Profile()
        if workload == .preemption {
            for number in 0..<2 * nodes {
                cluster.place(try Pod(json: Workload.filler(number)), on: "node-\(number / 2)")
            }
        } else {
            for number in 0..<before {
                let pod = try Pod(json: Workload.plain.pod(number + 1_000_000))
                if case .place(let node) = cluster.decide(pod, profile: profile, cursor: &cursor).outcome {
                    cluster.place(pod, on: node)
                }
            }
        }
        var queue = SchedulingQueue()
        for number in 0..<pods { queue.set(try Pod(json: workload.pod(number)), now: Int64(number)) }
        var measurement = Measurement(workload: workload)
        measurement.drain(&queue, &cluster, &cursor, profile)
        return measurement
    }

    private mutating func drain(
        _ queue: inout SchedulingQueue, _ cluster: inout Cluster, _ cursor: inout SchedulingCursor, _ profile: Profile
    ) {
        let clock = ContinuousClock()
        let start = clock.now
        var last = start
        while let pod = queue.pop(now: 1 << 40)?.pod {
            let decision = cluster.decide(pod, profile: profile, cursor: &cursor)
            switch decision.outcome {
            case .place(let node):
                cluster.place(pod, on: node)
                queue.remove(pod.key)
            case .unschedulable(let diagnosis):
                let plan = cluster.planPreemption(for: pod, after: decision, profile: profile, cursor: &cursor)
                if case .evict(let victims) = plan {
                    for victim in victims.pods { cluster.remove(victim.key) }
                    cluster.place(pod, on: victims.node)
                    queue.remove(pod.key)
                } else {
                    queue.failed(pod.key, plugins: diagnosis.plugins, now: 1 << 40)
                    unplaced += 1
                }
            }
            decided += 1
            let now = clock.now
            durations.append((now - last).milliseconds)
            last = now
        }
        seconds = (last - start).milliseconds / 1000
        durations.sort()
    }

    var perSecond: Double { seconds > 0 ? Double(decided) / seconds : 0 }

    func percentile(_ share: Double) -> Double {
        durations.isEmpty ? 0 : durations[min(durations.count - 1, Int(share * Double(durations.count)))]
    }
}

extension Duration {
    var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
