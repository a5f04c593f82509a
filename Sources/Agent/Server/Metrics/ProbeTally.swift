import AgentCore
import KubeAPI
import Synchronization

/// How probes came out, by container: `/metrics/probes`.
final class ProbeTally: Sendable {
    private struct Key: Hashable {
        let pod: NamespacedName
        let uid: String
        let container: String
        let kind: ProbeKind
        let isGood: Bool
    }

    private let counts = Mutex<[Key: Int]>([:])

    func note(_ kind: ProbeKind, of container: String, _ pod: NamespacedName, uid: String, isGood: Bool) {
        let key = Key(pod: pod, uid: uid, container: container, kind: kind, isGood: isGood)
        counts.withLock { $0[key, default: 0] += 1 }
    }

    /// Of a pod that is no more.
    func forget(_ uid: String) { counts.withLock { counts in counts = counts.filter { $0.key.uid != uid } } }

    /// The name is kubelet's (pkg/kubelet/prober/prober_manager.go).
    var metrics: String {
        var text = MetricsText()
        let samples = counts.withLock { $0 }.map { key, count in
            MetricsText.Sample(
                labels: [
                    ("container", key.container), ("namespace", key.pod.namespace), ("pod", key.pod.name),
                    ("pod_uid", key.uid), ("probe_type", "\(key.kind)".capitalized),
                    ("result", key.isGood ? "successful" : "failed"),
                ], value: Double(count))
        }
        text.add(
            "prober_probe_total", .counter, "Cumulative number of a liveness, readiness or startup probe by result.",
            samples.sorted { $0.labels.map(\.value).lexicographicallyPrecedes($1.labels.map(\.value)) })
        return text.text
    }
}
