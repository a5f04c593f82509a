import KubeAPI
import KubeSchema

/// Built-in kinds that are served in more forms than the stored one.
enum BuiltinConversions {
    static func conversion(_ definition: ResourceDefinition) -> (any VersionConversion)? {
        switch (definition.group, definition.version, definition.resource) {
        case ("events.k8s.io", "v1", "events"): EventConversion()
        case ("autoscaling", "v1", "horizontalpodautoscalers"): AutoscalerConversion()
        default: nil
        }
    }
}

/// events.k8s.io/v1, stored as v1: the same fields under other names.
private struct EventConversion: VersionConversion {
    private static let names = [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ]

    func toServed(_ object: inout JSONValue) {
        rename(&object, Dictionary(uniqueKeysWithValues: Self.names.map { ($0.0, $0.1) }))
    }

    func toStored(_ object: inout JSONValue) {
        rename(&object, Dictionary(uniqueKeysWithValues: Self.names.map { ($0.1, $0.0) }))
    }

    private func rename(_ object: inout JSONValue, _ names: [String: String]) {
        guard case .object(var members) = object else { return }
        for index in members.members.indices {
            if let name = names[members.members[index].key] { members.members[index].key = name }
        }
        object = .object(members)
    }
}

/// autoscaling/v1, stored as v2: the one CPU target is a field of its own, and other metrics live in an annotation.
private struct AutoscalerConversion: VersionConversion {
    private static let metrics = "autoscaling.alpha.kubernetes.io/metrics"
    private static let behavior = "autoscaling.alpha.kubernetes.io/behavior"
    private static let currentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics"
    private static let conditions = "autoscaling.alpha.kubernetes.io/conditions"

    func toServed(_ object: inout JSONValue) {
        var others: [JSONValue] = []
        for metric in object[path: "spec", "metrics"]?.array ?? [] {
            let target = metric[path: "resource", "target", "averageUtilization"]
            if metric["type"] == "Resource", metric[path: "resource", "name"] == "cpu", let target {
                object[path: "spec", "targetCPUUtilizationPercentage"] = target
            } else {
                others.append(metric)
            }
        }
        for metric in object[path: "status", "currentMetrics"]?.array ?? [] {
            guard metric[path: "resource", "name"] == "cpu",
                let value = metric[path: "resource", "current", "averageUtilization"]
            else { continue }
            object[path: "status", "currentCPUUtilizationPercentage"] = value
        }
        keep(others.isEmpty ? nil : .array(others), Self.metrics, &object)
        keep(object[path: "spec", "behavior"], Self.behavior, &object)
        keep(object[path: "status", "currentMetrics"], Self.currentMetrics, &object)
        keep(object[path: "status", "conditions"], Self.conditions, &object)
        object[path: "spec", "metrics"] = nil
        object[path: "spec", "behavior"] = nil
        object[path: "status", "currentMetrics"] = nil
        object[path: "status", "conditions"] = nil
    }

    func toStored(_ object: inout JSONValue) {
        var metrics = take(Self.metrics, &object)?.array ?? []
        if let target = object[path: "spec", "targetCPUUtilizationPercentage"] {
            metrics.insert(
                [
                    "type": "Resource",
                    "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": target]],
                ], at: 0)
        }
        object[path: "spec", "targetCPUUtilizationPercentage"] = nil
        object[path: "status", "currentCPUUtilizationPercentage"] = nil
        if !metrics.isEmpty { object[path: "spec", "metrics"] = .array(metrics) }
        if let behavior = take(Self.behavior, &object) { object[path: "spec", "behavior"] = behavior }
        if let current = take(Self.currentMetrics, &object) { object[path: "status", "currentMetrics"] = current }
        if let conditions = take(Self.conditions, &object) { object[path: "status", "conditions"] = conditions }
    }

    private func keep(_ value: JSONValue?, _ annotation: String, _ object: inout JSONValue) {
        guard let value else { return }
        object[path: "metadata", "annotations", annotation] = .string(JSONWriter.text(value))
    }

    private func take(_ annotation: String, _ object: inout JSONValue) -> JSONValue? {
        guard let text = object[path: "metadata", "annotations", annotation]?.string else { return nil }
        object[path: "metadata", "annotations", annotation] = nil
        if object[path: "metadata", "annotations"]?.object?.members.isEmpty == true {
            object[path: "metadata", "annotations"] = nil
        }
        return try? JSONParser.parse(text)
    }
}
