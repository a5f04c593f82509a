import KubeAPI

extension TableColumns {
    static let workloads: [String: Printer] = [
        "apps/Deployment": { row in
            [
                .string(row.name), replicas(row), .integer(row.integer("status", "updatedReplicas")),
                .integer(row.integer("status", "availableReplicas")), row.age,
            ]
                + row.containers("spec", "template", "spec", "containers") + [row.selector("spec", "selector")]
        },
        "apps/ReplicaSet": { replicaSet($0, $0.selector("spec", "selector")) },
        "/ReplicationController": { replicaSet($0, $0.labels("spec", "selector")) },
        "apps/StatefulSet": {
            [.string($0.name), replicas($0), $0.age] + $0.containers("spec", "template", "spec", "containers")
        },
        "apps/DaemonSet": daemonSet,
        "apps/ControllerRevision": { row in
            [.string(row.name), .string(controller(row)), .integer(row.integer("revision")), row.age]
        },
        "batch/Job": job,
        "batch/CronJob": cronJob,
        "autoscaling/HorizontalPodAutoscaler": autoscaler,
        "autoscaling/Scale": { row in
            [
                .string(row.name), .integer(row.integer("spec", "replicas")),
                .integer(row.integer("status", "replicas")), row.age,
            ]
        },
        "policy/PodDisruptionBudget": { row in
            [
                .string(row.name), number(row["spec", "minAvailable"], "N/A"),
                number(row["spec", "maxUnavailable"], "N/A"),
                .integer(row.integer("status", "disruptionsAllowed")), row.age,
            ]
        },
    ]

    /// A number or percentage as text.
    private static func number(_ value: JSONValue?, _ absent: String) -> JSONValue {
        .string(value?.string ?? value?.integer.map(String.init) ?? absent)
    }

    private static func replicas(_ row: PrintedRow) -> JSONValue {
        .string("\(row.integer("status", "readyReplicas"))/\(row.integer("spec", "replicas"))")
    }

    private static func replicaSet(_ row: PrintedRow, _ selector: JSONValue) -> [JSONValue] {
        [
            .string(row.name), .integer(row.integer("spec", "replicas")), .integer(row.integer("status", "replicas")),
            .integer(row.integer("status", "readyReplicas")), row.age,
        ] + row.containers("spec", "template", "spec", "containers") + [selector]
    }

    private static func daemonSet(_ row: PrintedRow) -> [JSONValue] {
        let numbers = [
            "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled",
            "numberAvailable",
        ].map { JSONValue.integer(row.integer("status", $0)) }
        return [.string(row.name)] + numbers + [row.labels("spec", "template", "spec", "nodeSelector"), row.age]
            + row.containers("spec", "template", "spec", "containers") + [row.selector("spec", "selector")]
    }

    /// `statefulset.apps/web`
    private static func controller(_ row: PrintedRow) -> String {
        guard let owner = row.array("metadata", "ownerReferences").first(where: { $0["controller"] == true }) else {
            return "<none>"
        }
        let group = (owner["apiVersion"]?.string ?? "").split(separator: "/").dropLast().first.map { ".\($0)" } ?? ""
        return "\((owner["kind"]?.string ?? "").lowercased())\(group)/\(owner["name"]?.string ?? "")"
    }

    private static func job(_ row: PrintedRow) -> [JSONValue] {
        let succeeded = row.integer("status", "succeeded")
        let parallelism = row.integer("spec", "parallelism")
        let completions =
            row["spec", "completions"]?.integer.map { "\(succeeded)/\($0)" }
            ?? (parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1")
        let start = RFC3339.seconds(row.text("status", "startTime"))
        let end = RFC3339.seconds(row.text("status", "completionTime")) ?? row.now
        return [
            .string(row.name), .string(jobStatus(row)), .string(completions),
            .string(start.map { HumanDuration.text(seconds: end - $0) } ?? ""), row.age,
        ] + row.containers("spec", "template", "spec", "containers") + [row.selector("spec", "selector")]
    }

    private static func jobStatus(_ row: PrintedRow) -> String {
        if row.isTrue("Complete") { return "Complete" }
        if row.isTrue("Failed") { return "Failed" }
        if row.isDeleting { return "Terminating" }
        return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].first(where: row.isTrue) ?? "Running"
    }

    private static func cronJob(_ row: PrintedRow) -> [JSONValue] {
        let suspend = row["spec", "suspend"]?.bool.map { $0 ? "True" : "False" } ?? "<unset>"
        let last = row.text("status", "lastScheduleTime")
        return [
            .string(row.name), .string(row.text("spec", "schedule")),
            .string(row.text("spec", "timeZone").orElse("<none>")),
            .string(suspend), .integer(Int64(row.array("status", "active").count)),
            .string(last.isEmpty ? "<none>" : row.since(last)), row.age,
        ] + row.containers("spec", "jobTemplate", "spec", "template", "spec", "containers")
            + [row.selector("spec", "jobTemplate", "spec", "selector")]
    }
}

/// Targets of HorizontalPodAutoscalers: `cpu: 10%/80%, 5/10 (avg) + 1 more...`
extension TableColumns {
    private static func autoscaler(_ row: PrintedRow) -> [JSONValue] {
        let reference = "\(row.text("spec", "scaleTargetRef", "kind"))/\(row.text("spec", "scaleTargetRef", "name"))"
        return [
            .string(row.name), .string(reference), .string(targets(row)), number(row["spec", "minReplicas"], "<unset>"),
            .integer(row.integer("spec", "maxReplicas")), .integer(row.integer("status", "currentReplicas")), row.age,
        ]
    }

    private static func targets(_ row: PrintedRow) -> String {
        if let target = row["spec", "targetCPUUtilizationPercentage"]?.integer {
            let current = row["status", "currentCPUUtilizationPercentage"]?.integer
            return "cpu: \(current.map { "\($0)%" } ?? "<unknown>")/\(target)%"
        }
        let current = row.array("status", "currentMetrics")
        let list = row.array("spec", "metrics").enumerated().map { index, metric in
            target(metric, current.indices.contains(index) ? current[index] : nil)
        }
        return listWithMore(list, maximum: 2, separator: ", ", ifEmpty: "<none>")
    }

    private static func target(_ metric: JSONValue, _ status: JSONValue?) -> String {
        let sources = [
            "External": "external", "Pods": "pods", "Object": "object", "Resource": "resource",
            "ContainerResource": "containerResource",
        ]
        guard let type = metric["type"]?.string, let source = sources[type] else { return "<unknown type>" }
        let (target, current) = (metric[path: source, "target"], status?[path: source, "current"])
        func pair(_ key: String) -> String? {
            guard let wanted = target?[key]?.string else { return nil }
            return "\(current?[key]?.string ?? "<unknown>")/\(wanted)"
        }
        guard type.hasSuffix("Resource") else {
            if type == "Pods" { return pair("averageValue") ?? "<unknown>/<unknown>" }
            return pair("averageValue").map { "\($0) (avg)" } ?? pair("value") ?? "<unknown>/<unknown>"
        }
        let name = metric[path: source, "name"]?.string ?? ""
        if let values = pair("averageValue") { return "\(name): \(values)" }
        let now = current?["averageUtilization"]?.integer.map { "\($0)%" } ?? "<unknown>"
        let wanted = target?["averageUtilization"]?.integer.map { "\($0)%" } ?? "<auto>"
        return "\(name): \(now)/\(wanted)"
    }
}
