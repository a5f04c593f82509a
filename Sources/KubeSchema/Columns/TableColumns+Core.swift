import KubeAPI

extension TableColumns {
    static let core: [String: Printer] = [
        "/Pod": PrintedPod.cells,
        "/Node": node,
        "/Namespace": { [.string($0.name), .string(phase($0)), $0.age] },
        "/ConfigMap": { row in
            [
                .string(row.name),
                .integer(Int64((row["data"]?.members.count ?? 0) + (row["binaryData"]?.members.count ?? 0))), row.age,
            ]
        },
        "/Secret": {
            [.string($0.name), .string($0.text("type")), .integer(Int64($0["data"]?.members.count ?? 0)), $0.age]
        },
        "/ServiceAccount": { [.string($0.name), $0.age] },
        "/Event": event,
        "events.k8s.io/Event": event,
        "/ResourceQuota": quota,
        "/PodTemplate": {
            [.string($0.name)] + $0.containers("template", "spec", "containers") + [
                $0.labels("template", "metadata", "labels")
            ]
        },
    ]

    private static func phase(_ row: PrintedRow) -> String { row.text("status", "phase") }

    private static func node(_ row: PrintedRow) -> [JSONValue] {
        var status = [row.condition("Ready").map { $0["status"] == "True" ? "Ready" : "NotReady" } ?? "Unknown"]
        if row["spec", "unschedulable"] == true { status.append("SchedulingDisabled") }
        func address(_ type: String) -> JSONValue {
            row.array("status", "addresses").first { $0["type"]?.string == type }?["address"] ?? "<none>"
        }
        func info(_ key: String) -> JSONValue { .string(row.text("status", "nodeInfo", key).orElse("<unknown>")) }
        return [
            .string(row.name), .string(status.joined(separator: ",")), .string(roles(row)), row.age,
            .string(row.text("status", "nodeInfo", "kubeletVersion")), address("InternalIP"), address("ExternalIP"),
            info("osImage"), info("kernelVersion"), info("containerRuntimeVersion"),
        ]
    }

    private static func roles(_ row: PrintedRow) -> String {
        let prefix = "node-role.kubernetes.io/"
        let roles = (row["metadata", "labels"]?.members ?? []).compactMap { label -> String? in
            let role =
                label.key == "kubernetes.io/role"
                ? label.value.string ?? ""
                : label.key.hasPrefix(prefix) ? String(label.key.dropFirst(prefix.count)) : ""
            return role.isEmpty ? nil : role
        }
        return Set(roles).sorted { $0.utf8Precedes($1) }.joined(separator: ",").orElse("<none>")
    }

    /// Of both groups, whose fields have other names.
    private static func event(_ row: PrintedRow) -> [JSONValue] {
        func time(_ value: JSONValue?) -> String? { value?.string.map(row.since) }
        let first = time(row["firstTimestamp"] ?? row["deprecatedFirstTimestamp"] ?? row["eventTime"]) ?? "<unknown>"
        var last = time(row["lastTimestamp"] ?? row["deprecatedLastTimestamp"]) ?? first
        var count = row.integer("count") + row.integer("deprecatedCount")
        if let series = row["series"] {
            last = time(series["lastObservedTime"]) ?? "<unknown>"
            count = series["count"]?.integer ?? 0
        } else if count == 0 {
            count = 1
        }
        let object = row["involvedObject"] ?? row["regarding"] ?? .emptyObject
        let (kind, name) = (object["kind"]?.string?.lowercased() ?? "", object["name"]?.string ?? "")
        let message = row.text("message") + row.text("note")
        return [
            .string(last), .string(row.text("type")), .string(row.text("reason")),
            .string(name.isEmpty ? kind : "\(kind)/\(name)"), .string(object["fieldPath"]?.string ?? ""),
            .string(source(row)), .string(message.trimmed), .string(first), .integer(count), .string(row.name),
        ]
    }

    private static func source(_ row: PrintedRow) -> String {
        let source = row["source"] ?? row["deprecatedSource"]
        var parts = [source?["component"]?.string ?? "", source?["host"]?.string ?? ""]
        if parts[0].isEmpty {
            parts = [row.text("reportingComponent") + row.text("reportingController"), row.text("reportingInstance")]
        }
        return parts[1].isEmpty ? parts[0] : parts.joined(separator: ", ")
    }

    private static func quota(_ row: PrintedRow) -> [JSONValue] {
        var columns = ["", ""]
        for member in row["status", "hard"]?.members.sorted(by: { $0.key.utf8Precedes($1.key) }) ?? [] {
            let column = member.key.hasPrefix("limits.") ? 1 : 0
            let used = row["status", "used"]?[member.key]?.string ?? "0"
            columns[column] +=
                (columns[column].isEmpty ? "" : ", ") + "\(member.key): \(used)/\(member.value.string ?? "0")"
        }
        return [.string(row.name), .string(columns[0]), .string(columns[1]), row.age]
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
