import KubeAPI

/// A node's `/stats/summary` twice, and what was used between. Pure.
struct UsageReadings: Sendable {
    let before: JSONValue
    let after: JSONValue
    /// From the first to the second.
    let elapsed: Duration
    /// RFC 3339.
    let timestamp: String

    /// NodeMetrics; nil when the node does not say what it uses.
    func node(_ node: JSONValue) -> JSONValue? {
        guard let usage = usage(before["node"], after["node"]) else { return nil }
        return object("NodeMetrics", node, ["usage": usage])
    }

    /// PodMetrics of a pod whose containers were there both times; nil otherwise.
    func pod(_ pod: JSONValue) -> JSONValue? {
        guard let uid = pod[path: "metadata", "uid"]?.string, let now = Self.find(uid, after) else { return nil }
        let earlier = Self.find(uid, before)?["containers"]?.array ?? []
        let containers = (now["containers"]?.array ?? []).compactMap { container -> JSONValue? in
            let name = container["name"] ?? ""
            guard let usage = usage(earlier.first { $0["name"] == name }, container) else { return nil }
            return ["name": name, "usage": usage]
        }
        return containers.isEmpty ? nil : object("PodMetrics", pod, ["containers": .array(containers)])
    }

    private static func find(_ uid: String, _ summary: JSONValue) -> JSONValue? {
        summary["pods"]?.array?.first { $0[path: "podRef", "uid"]?.string == uid }
    }

    private func object(_ kind: String, _ source: JSONValue, _ what: JSONValue) -> JSONValue {
        var metadata: JSONValue = ["name": source[path: "metadata", "name"] ?? ""]
        for member in ["namespace", "labels"] {
            if let value = source[path: "metadata", member] { metadata[path: member] = value }
        }
        metadata[path: "creationTimestamp"] = .string(timestamp)
        var object: JSONValue = [
            "kind": .string(kind), "apiVersion": "metrics.k8s.io/v1beta1", "metadata": metadata,
            "timestamp": .string(timestamp), "window": .string(window),
        ]
        for member in what.object?.members ?? [] { object[path: member.key] = member.value }
        return object
    }

    private var nanoseconds: Double { elapsed / .nanoseconds(1) }

    /// As Go writes durations: `1.003s`.
    private var window: String { "\((nanoseconds / 1_000_000).rounded() / 1000)s" }

    /// Cores as nanocores, bytes as KiB, as metrics-server writes them.
    private func usage(_ before: JSONValue?, _ after: JSONValue?) -> JSONValue? {
        guard let start = before?[path: "cpu", "usageCoreNanoSeconds"]?.integer,
            let end = after?[path: "cpu", "usageCoreNanoSeconds"]?.integer, end >= start, nanoseconds > 0,
            let bytes = after?[path: "memory", "workingSetBytes"]?.integer
        else { return nil }
        let nanocores = Int64(Double(end - start) * 1_000_000_000 / nanoseconds)
        return ["cpu": .string("\(nanocores)n"), "memory": .string("\(bytes / 1024)Ki")]
    }
}
