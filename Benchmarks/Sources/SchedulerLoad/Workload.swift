import KubeAPI

/// A kind of pod, as scheduler_perf's workloads have them.
enum Workload: String, CaseIterable {
    case plain
    case spread
    case preferredSpread = "preferred-spread"
    case antiAffinity = "anti-affinity"
    case affinity
    case preferredAffinity = "preferred-affinity"
    case preemption

    /// Decisions per second to reach; nil where none is set.
    var goal: Double? {
        switch self {
        case .plain: 1000
        case .spread, .antiAffinity: 200
        case .affinity: 100
        default: nil
        }
    }

    static let zone = "topology.kubernetes.io/zone"
    static let hostname = "kubernetes.io/hostname"

    /// Node `number`, in one of three zones: 4 processors and 32 GiB, as scheduler_perf's.
    static func node(_ number: Int) -> JSONValue {
        [
            "metadata": [
                "name": .string("node-\(number)"),
                "labels": [
                    .init(hostname): .string("node-\(number)"), .init(zone): .string("zone-\(number % 3)"),
                ],
            ],
            "status": ["allocatable": ["cpu": "4", "memory": "32Gi", "pods": "110"]],
        ]
    }

    /// Pod `number`, of an application of a hundred pods.
    func pod(_ number: Int) -> JSONValue {
        let app: JSONValue = .string("app-\(number / 100)")
        var spec: JSONValue = [
            "containers": [["image": "pause:3", "resources": ["requests": ["cpu": "100m", "memory": "500Mi"]]]]
        ]
        let own: JSONValue = ["matchLabels": ["app": app]]
        switch self {
        case .plain: break
        case .spread, .preferredSpread:
            let mode: JSONValue = self == .spread ? "DoNotSchedule" : "ScheduleAnyway"
            spec[path: "topologySpreadConstraints"] = [
                ["maxSkew": 1, "topologyKey": .string(Self.zone), "whenUnsatisfiable": mode, "labelSelector": own],
                ["maxSkew": 1, "topologyKey": .string(Self.hostname), "whenUnsatisfiable": mode, "labelSelector": own],
            ]
        case .antiAffinity:
            // All pods avoid each other, the hardest case: each takes a node from all that follow.
            let term: JSONValue = [
                "topologyKey": .string(Self.hostname), "labelSelector": ["matchLabels": ["color": "green"]],
            ]
            spec[path: "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"] = [term]
        case .affinity:
            let term: JSONValue = ["topologyKey": .string(Self.zone), "labelSelector": own]
            spec[path: "affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"] = [term]
        case .preferredAffinity:
            let term: JSONValue = ["topologyKey": .string(Self.hostname), "labelSelector": own]
            spec[path: "affinity", "podAffinity", "preferredDuringSchedulingIgnoredDuringExecution"] = [
                ["weight": 10, "podAffinityTerm": term]
            ]
        case .preemption:
            spec[path: "priority"] = 1000
            spec[path: "containers"] = [["resources": ["requests": ["cpu": "3"]]]]
        }
        return [
            "metadata": [
                "name": .string("\(rawValue)-\(number)"), "namespace": "bench", "uid": .string("\(rawValue)-\(number)"),
                "labels": ["app": app, "color": self == .plain ? "none" : "green"],
            ],
            "spec": spec,
        ]
    }

    /// A pod that fills a node for preemption to clear.
    static func filler(_ number: Int) -> JSONValue {
        [
            "metadata": ["name": .string("filler-\(number)"), "namespace": "bench", "labels": ["app": "filler"]],
            "spec": ["containers": [["resources": ["requests": ["cpu": "1900m"]]]]],
        ]
    }
}
