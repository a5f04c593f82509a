import KubeAPI

extension Validation {
    @Sendable static func horizontalPodAutoscaler(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        let (low, high) = (spec["minReplicas"], spec["maxReplicas"])
        if let count = low.integer, count < 1 { findings.invalid(low, "must be greater than or equal to 1") }
        let most = high.integer ?? 0
        if most < 1 { findings.invalid(high.holding(.integer(most)), "must be greater than 0") }
        if let least = low.integer, most < least {
            findings.invalid(high.holding(.integer(most)), "must be greater than or equal to `minReplicas`")
        }
        scaled(spec["scaleTargetRef"], &findings)
        for metric in spec["metrics"].items { check(metric: metric, &findings) }
        for rules in spec["behavior"].set(among: ["scaleUp", "scaleDown"]) { scalingRules(rules, &findings) }
    }

    private static func scaled(_ reference: FieldCursor, _ findings: inout Findings) {
        for name in ["kind", "name"] { findings.requireFormat(reference[name], NameFormats.pathSegment) }
    }

    private static func scalingRules(_ rules: FieldCursor, _ findings: inout Findings) {
        let window = rules["stabilizationWindowSeconds"]
        if let seconds = window.integer, seconds < 0 {
            findings.invalid(window, "must be greater than or equal to zero")
        }
        if let seconds = window.integer, seconds > 3600 {
            findings.invalid(window, "must be less than or equal to 3600")
        }
        findings.expect(rules["selectPolicy"], oneOf: ["Disabled", "Max", "Min"])
        findings.require(rules["policies"], "must specify at least one Policy")
        for policy in rules["policies"].items {
            let (type, value, period) = (policy["type"], policy["value"], policy["periodSeconds"])
            if !["Percent", "Pods"].contains(type.string) {
                findings.notSupported(type.holding(.string(type.string)), ["Percent", "Pods"])
            }
            for field in [value, period] where field.integer ?? 0 <= 0 {
                findings.invalid(field.holding(.integer(field.integer ?? 0)), "must be greater than zero")
            }
            if let seconds = period.integer, seconds > 1800 {
                findings.invalid(period, "must be less than or equal to 1800")
            }
        }
    }

    // MARK: - Metrics

    private static let sources = [
        "Object": "object", "Pods": "pods", "Resource": "resource", "External": "external",
        "ContainerResource": "containerResource",
    ]

    private static func check(metric: FieldCursor, _ findings: inout Findings) {
        let type = metric["type"]
        let names = sources.keys.sorted()
        if type.isEmpty { findings.missing(type, "must specify a metric source type") }
        if sources[type.string] == nil { findings.notSupported(type.holding(.string(type.string)), names) }
        let given = metric.set(among: ["object", "external", "pods", "resource", "containerResource"])
        if let first = given.first, let kind = sources.values.first(where: { metric[$0].path == first.path }) {
            check(source: first, kind, &findings)
        }
        if let own = sources[type.string], !metric[own].isSet {
            findings.missing(metric[own], "must populate information for the given metric source")
        }
        guard given.count != 1 else { return }
        for extra in given where extra.path != sources[type.string].map({ metric[$0].path }) {
            findings.forbidden(extra, "must populate the given metric source only")
        }
    }

    private static func check(source: FieldCursor, _ kind: String, _ findings: inout Findings) {
        switch kind {
        case "object": scaled(source["describedObject"], &findings)
        case "resource", "containerResource":
            findings.require(source["name"], "must specify a resource name")
            guard kind == "containerResource" else { break }
            if !source["name"].isEmpty { findings.containerResourceName(source["name"].string, source["name"]) }
            findings.require(source["container"], "must specify a container")
            findings.expect(source["container"], NameFormats.dns1123Label)
        default: break
        }
        if !kind.lowercased().hasSuffix("resource") {
            let name = source["metric"]["name"]
            findings.require(name, "must specify a metric name")
            findings.expect(name, NameFormats.pathSegment)
        }
        let target = source["target"]
        check(target: target, &findings)
        required(target, kind, &findings)
    }

    private static func check(target: FieldCursor, _ findings: inout Findings) {
        let type = target["type"]
        if type.isEmpty { findings.missing(type, "must specify a metric target type") }
        if !["Utilization", "Value", "AverageValue"].contains(type.string) {
            findings.invalid(type, "must be either Utilization, Value, or AverageValue")
        }
        for field in target.set(among: ["value", "averageValue"]) {
            guard let amount = try? Quantity(parsing: field.string), amount.sign <= 0 else { continue }
            findings.invalid(field, "must be positive")
        }
        if let percent = target["averageUtilization"].integer, percent < 1 {
            findings.invalid(target["averageUtilization"], "must be greater than 0")
        }
    }

    private static func required(_ target: FieldCursor, _ kind: String, _ findings: inout Findings) {
        let (value, average, utilization) = (target["value"], target["averageValue"], target["averageUtilization"])
        switch kind {
        case "object":
            if !value.isSet, !average.isSet {
                findings.missing(average, "must set either a target value or averageValue")
            }
        case "external":
            if !value.isSet, !average.isSet {
                findings.missing(average, "must set either a target value for metric or a per-pod target")
            }
            if value.isSet, average.isSet {
                findings.forbidden(value, "may not set both a target value for metric and a per-pod target")
            }
        case "pods":
            if !average.isSet { findings.missing(average, "must specify a positive target averageValue") }
        default:
            if !utilization.isSet, !average.isSet {
                findings.missing(utilization, "must set either a target raw value or a target utilization")
            }
            if utilization.isSet, average.isSet {
                findings.forbidden(average, "may not set both a target raw value and a target utilization")
            }
        }
    }
}
