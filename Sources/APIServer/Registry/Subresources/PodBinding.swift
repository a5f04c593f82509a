import KubeAPI

/// pods/binding: a scheduler's word that a Pod is to run on a node.
enum PodBinding {
    /// The Pod with its node, and with the annotations and labels of the Binding.
    static func bound(_ pod: JSONValue, _ binding: JSONValue, now: Int64) throws(Status) -> JSONValue {
        let name = pod[path: "metadata", "name"]?.string ?? ""
        func conflict(_ why: String) -> Status {
            var status = Status(
                code: 409, reason: "Conflict",
                message: "Operation cannot be fulfilled on pods/binding \"\(name)\": \(why)")
            status.name = name
            status.kind = "pods/binding"
            return status
        }
        let target = binding["target"]
        let node = target?["name"]?.string ?? ""
        let kind = target?["kind"]?.string ?? ""
        guard kind.isEmpty || kind == "Node" else {
            throw Status.invalidBinding(
                name, "target.kind: Unsupported value: \"\(kind)\": supported values: \"Node\", \"<empty>\"")
        }
        guard !node.isEmpty else { throw Status.invalidBinding(name, "target.name: Required value") }
        guard pod[path: "metadata", "deletionTimestamp"] == nil else {
            throw conflict("pod \(name) is being deleted, cannot be assigned to a host")
        }
        let given = pod[path: "spec", "nodeName"]?.string ?? ""
        guard given.isEmpty else { throw conflict("pod \(name) is already assigned to node \"\(given)\"") }
        guard pod[path: "spec", "schedulingGates"]?.array?.isEmpty ?? true else {
            throw conflict("pod \(name) has non-empty .spec.schedulingGates")
        }
        var bound = pod
        bound[path: "spec", "nodeName"] = .string(node)
        for field in ["annotations", "labels"] {
            for member in binding["metadata"]?[field]?.object?.members ?? [] {
                bound[path: "metadata", field, member.key] = member.value
            }
        }
        setScheduled(&bound, now: now)
        return bound
    }

    private static func setScheduled(_ pod: inout JSONValue, now: Int64) {
        let others = (pod[path: "status", "conditions"]?.array ?? []).filter { $0["type"] != "PodScheduled" }
        let scheduled: JSONValue = [
            "type": "PodScheduled", "status": "True", "lastProbeTime": .null,
            "lastTransitionTime": .string(RFC3339.text(nanoseconds: now, .seconds)),
        ]
        pod[path: "status", "conditions"] = .array(others + [scheduled])
    }
}

extension Status {
    fileprivate static func invalidBinding(_ name: String, _ why: String) -> Status {
        Status(code: 422, reason: "Invalid", message: "Binding \"\(name)\" is invalid: \(why)")
    }
}
