import KubeAPI

/// HorizontalPodAutoscaler, Scale, PodDisruptionBudget, PriorityClass and RuntimeClass.
extension Validation {
    @Sendable static func horizontalPodAutoscaler(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        let (low, high) = (spec["minReplicas"], spec["maxReplicas"])
        if let count = low.integer, count < 1 { findings.invalid(low, "must be greater than or equal to 1") }
        let most = high.integer ?? 0
        if most < 1 {
            findings.invalid(high.holding(.integer(most)), "must be greater than 0")
        } else if let least = low.integer, most < least {
            findings.invalid(high, "must be greater than or equal to `minReplicas`")
        }
        for name in ["kind", "name"] { findings.requireFormat(spec["scaleTargetRef"][name], NameFormats.pathSegment) }
        for rules in spec["behavior"].set(among: ["scaleUp", "scaleDown"]) {
            findings.within(rules["stabilizationWindowSeconds"], 0...3600)
            if rules["policies"].isEmpty { findings.missing(rules["policies"], "must specify at least one Policy") }
            for policy in rules["policies"].items {
                if let value = policy["value"].integer, value <= 0 {
                    findings.invalid(policy["value"], "must be greater than zero")
                }
                if let seconds = policy["periodSeconds"].integer, !(1...1800).contains(seconds) {
                    findings.invalid(
                        policy["periodSeconds"],
                        seconds < 1 ? "must be greater than zero" : "must be less than or equal to 1800")
                }
            }
        }
    }

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
        findings.requireFormat(object["handler"], NameFormats.dns1123Label)
        if let old { findings.immutable(object["handler"], old["handler"]) }
    }
}
