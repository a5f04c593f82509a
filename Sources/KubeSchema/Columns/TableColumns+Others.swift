import KubeAPI

extension TableColumns {
    static let others: [String: Printer] = [
        "coordination.k8s.io/Lease": { [.string($0.name), .string($0.text("spec", "holderIdentity")), $0.age] },
        "apiregistration.k8s.io/APIService": apiService,
        "scheduling.k8s.io/PriorityClass": { row in
            [
                .string(row.name), .integer(row.integer("value")), row.bool("globalDefault"), row.age,
                .string(row.text("preemptionPolicy")),
            ]
        },
        "node.k8s.io/RuntimeClass": { [.string($0.name), .string($0.text("handler")), $0.age] },
        "resource.k8s.io/DeviceClass": { [.string($0.name), $0.age] },
        "resource.k8s.io/ResourceClaimTemplate": { [.string($0.name), $0.age] },
        "resource.k8s.io/ResourceClaim": { [.string($0.name), .string(claimState($0)), $0.age] },
        "resource.k8s.io/ResourceSlice": { row in
            [
                .string(row.name), .string(row.text("spec", "nodeName").orElse("<unset>")),
                .string(row.text("spec", "driver")),
                .string(row.text("spec", "pool", "name")), row.age,
            ]
        },
        "flowcontrol.apiserver.k8s.io/FlowSchema": flowSchema,
        "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration": priorityLevel,
        "/ComponentStatus": componentStatus,
        "metrics.k8s.io/NodeMetrics": { metrics($0, [$0["usage"] ?? .null]) },
        "metrics.k8s.io/PodMetrics": { row in metrics(row, row.array("containers").map { $0["usage"] ?? .null }) },
    ]

    private static func componentStatus(_ row: PrintedRow) -> [JSONValue] {
        let health = row.array("conditions").first { $0["type"] == "Healthy" }
        let status = health.map { $0["status"] == "True" ? "Healthy" : "Unhealthy" } ?? "Unknown"
        return [.string(row.name), .string(status), health?["message"] ?? "", health?["error"] ?? ""]
    }

    private static func apiService(_ row: PrintedRow) -> [JSONValue] {
        let service =
            row["spec", "service"].map { "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")" } ?? "Local"
        var available = "Unknown"
        if let condition = row.condition("Available") {
            available = condition["status"]?.string ?? "Unknown"
            let reason = condition["reason"]?.string ?? ""
            if available != "True", !reason.isEmpty { available += " (\(reason))" }
        }
        return [.string(row.name), .string(service), .string(available), row.age]
    }

    private static func claimState(_ row: PrintedRow) -> String {
        var states = row.isDeleting ? ["deleted"] : []
        if row["status", "allocation"] != nil {
            states.append("allocated")
            if !row.array("status", "reservedFor").isEmpty { states.append("reserved") }
        } else if !row.isDeleting {
            states.append("pending")
        }
        return states.joined(separator: ",")
    }

    private static func flowSchema(_ row: PrintedRow) -> [JSONValue] {
        [
            .string(row.name), .string(row.text("spec", "priorityLevelConfiguration", "name").orElse("<none>")),
            .integer(row.integer("spec", "matchingPrecedence")),
            .string(row.text("spec", "distinguisherMethod", "type").orElse("<none>")), row.age,
            row.condition("Dangling")?["status"] ?? "?",
        ]
    }

    private static func priorityLevel(_ row: PrintedRow) -> [JSONValue] {
        let queuing = ["queues", "handSize", "queueLengthLimit"].map {
            row["spec", "limited", "limitResponse", "queuing", $0] ?? "<none>"
        }
        let shares =
            row["spec", "limited", "nominalConcurrencyShares"] ?? row["spec", "exempt", "nominalConcurrencyShares"]
            ?? "<none>"
        return [.string(row.name), .string(row.text("spec", "type")), shares] + queuing + [row.age]
    }

    private static func metrics(_ row: PrintedRow, _ usages: [JSONValue]) -> [JSONValue] {
        let sums = ["cpu", "memory"].map { resource in
            let sum = usages.reduce(Quantity.zero) { sum, usage in
                sum + (usage[resource]?.string.flatMap { try? Quantity(parsing: $0) } ?? .zero)
            }
            return JSONValue.string(sum.text)
        }
        return [.string(row.name)] + sums + [.string(row.text("window"))]
    }
}
