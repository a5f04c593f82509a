import KubeAPI

@testable import SchedulerCore

/// Short ways to write objects.
enum Make {
    static func node(
        _ name: String, cpu: String = "4", memory: String = "8Gi", pods: String = "110",
        labels: [String: String] = [:], taints: [JSONValue] = [], unschedulable: Bool = false,
        images: [JSONValue] = [], more: [String: String] = [:]
    ) throws -> NodeDescription {
        var allocatable: JSONValue = ["cpu": .string(cpu), "memory": .string(memory), "pods": .string(pods)]
        for (name, amount) in more { allocatable[path: name] = .string(amount) }
        return try NodeDescription(json: [
            "metadata": [
                "name": .string(name), "labels": object(labels.merging(["kubernetes.io/hostname": name]) { $1 }),
            ],
            "spec": ["taints": .array(taints), "unschedulable": .bool(unschedulable)],
            "status": ["allocatable": allocatable, "images": .array(images)],
        ])
    }

    static func taint(_ key: String, _ value: String = "", _ effect: String = "NoSchedule") -> JSONValue {
        ["key": .string(key), "value": .string(value), "effect": .string(effect)]
    }

    static func object(_ strings: [String: String]) -> JSONValue {
        .object(JSONObject(strings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }))
    }

    static func container(cpu: String? = nil, memory: String? = nil, image: String = "x:1") -> JSONValue {
        var requests: JSONValue = .emptyObject
        if let cpu { requests[path: "cpu"] = .string(cpu) }
        if let memory { requests[path: "memory"] = .string(memory) }
        return ["name": "main", "image": .string(image), "resources": ["requests": requests]]
    }

    /// `spec` is added to what the other arguments say.
    static func pod(
        _ name: String, namespace: String = "default", cpu: String? = nil, memory: String? = nil,
        labels: [String: String] = [:], priority: Int64 = 0, spec: JSONValue = .emptyObject, created: Int64 = 0,
        terminating: Bool = false, preempted: Bool = false, uid: String? = nil
    ) throws -> Pod {
        var whole: JSONValue = [
            "containers": .array([container(cpu: cpu, memory: memory)]), "priority": .integer(priority),
        ]
        for member in spec.object?.members ?? [] { whole[path: member.key] = member.value }
        var metadata: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid ?? name),
            "labels": object(labels), "creationTimestamp": .string(RFC3339.text(seconds: created)),
        ]
        if terminating { metadata[path: "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
        let condition: JSONValue = [
            "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
        ]
        return try Pod(json: [
            "metadata": metadata, "spec": whole, "status": ["conditions": preempted ? [condition] : []],
        ])
    }

    static func affinityTerm(_ labels: [String: String], _ key: String, namespaces: [String] = []) -> JSONValue {
        var term: JSONValue = ["labelSelector": ["matchLabels": object(labels)], "topologyKey": .string(key)]
        if !namespaces.isEmpty { term[path: "namespaces"] = .array(namespaces.map(JSONValue.string)) }
        return term
    }

    static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    static func spread(
        _ labels: [String: String], _ key: String, maxSkew: Int64 = 1, required: Bool = true, minDomains: Int64? = nil
    ) -> JSONValue {
        var constraint: JSONValue = [
            "maxSkew": .integer(maxSkew), "topologyKey": .string(key),
            "whenUnsatisfiable": .string(required ? "DoNotSchedule" : "ScheduleAnyway"),
            "labelSelector": ["matchLabels": object(labels)],
        ]
        if let minDomains { constraint[path: "minDomains"] = .integer(minDomains) }
        return constraint
    }

    static func budget(_ name: String, _ labels: [String: String], allowed: Int64) throws -> DisruptionBudget {
        try DisruptionBudget(json: [
            "metadata": ["name": .string(name), "namespace": "default"],
            "spec": ["selector": ["matchLabels": object(labels)]], "status": ["disruptionsAllowed": .integer(allowed)],
        ])
    }
}

extension Decision {
    var node: String? {
        guard case .place(let node) = outcome else { return nil }
        return node
    }

    var diagnosis: Diagnosis? {
        guard case .unschedulable(let diagnosis) = outcome else { return nil }
        return diagnosis
    }
}

extension Cluster {
    /// A decision by itself.
    mutating func decide(_ pod: Pod, profile: Profile = Profile(), isThorough: Bool = false) -> Decision {
        var cursor = SchedulingCursor(seed: 1)
        return decide(pod, profile: profile, cursor: &cursor, isThorough: isThorough)
    }

    /// The scores of one plugin by node.
    mutating func scores(_ plugin: PluginName, _ pod: Pod, profile: Profile = Profile()) -> [String: Int64] {
        let explanation = decide(pod, profile: profile, isThorough: true).explanation
        guard let column = explanation.columns.first(where: { $0.plugin == plugin }) else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(explanation.feasible, column.scores))
    }
}
