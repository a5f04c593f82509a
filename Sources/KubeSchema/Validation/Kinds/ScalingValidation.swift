import KubeAPI

/// Scale, PodDisruptionBudget, PriorityClass and RuntimeClass.
extension Validation {
    @Sendable static func scale(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        findings.nonNegative(object["spec"]["replicas"])
    }

    @Sendable static func podDisruptionBudget(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        if spec["minAvailable"].isSet, spec["maxUnavailable"].isSet {
            findings.invalid(spec, "minAvailable and maxUnavailable cannot be both set")
        }
        for name in ["minAvailable", "maxUnavailable"] { findings.countOrPercent(spec[name], upToAll: true) }
        findings.labelSelector(spec["selector"])
    }

    private static let systemClasses: [String: Int64] = [
        "system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000,
    ]

    @Sendable static func priorityClass(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (name, value) = (object["metadata"]["name"], object["value"])
        if name.string.hasPrefix("system-") {
            if systemClasses[name.string] != value.integer ?? 0 {
                findings.forbidden(
                    name,
                    "priority class names with 'system-' prefix are reserved for system use only. error: "
                        + "\(name.string) is not a known system priority class")
            }
        } else if let number = value.integer, number > 1_000_000_000 {
            findings.forbidden(value, "maximum allowed value of a user defined priority is 1000000000")
        }
        guard let old else { return }
        if (value.integer ?? 0) != old["value"].integer ?? 0 {
            findings.forbidden(value, "may not be changed in an update.")
        }
        findings.immutable(object["preemptionPolicy"], old["preemptionPolicy"])
    }

    @Sendable static func runtimeClass(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let handler = object["handler"].holding(.string(object["handler"].string))
        findings.invalid(handler, NameFormats.dns1123Label(handler.string))
        for (name, amount) in object["overhead"]["podFixed"].entries {
            // Upstream reads it as limits of a container.
            let place = amount.placed(at: "overhead.podFixed.limits[\(name)]")
            findings.containerResourceName(name, place)
            findings.amount(place, of: name)
        }
        findings.labels(object["scheduling"]["nodeSelector"])
        findings.tolerations(object["scheduling"]["tolerations"])
        if let old { findings.immutable(object["handler"], old["handler"]) }
    }
}
