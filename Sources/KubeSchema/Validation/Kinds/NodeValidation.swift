import KubeAPI
import NetTypes

/// Node, Namespace, Event, LimitRange and ResourceQuota.
extension Validation {
    @Sendable static func node(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        var taints: Set<String> = []
        for taint in spec["taints"].items {
            findings.invalid(taint["key"], NameFormats.qualifiedName(taint["key"].string))
            findings.invalid(taint["value"], NameFormats.labelValue(taint["value"].string))
            findings.require(taint["effect"])
            if !taints.insert("\(taint["key"].string):\(taint["effect"].string)").inserted { findings.duplicate(taint) }
        }
        let ranges = spec["podCIDRs"]
        if let first = ranges.items.first, first.string != spec["podCIDR"].string {
            findings.invalid(first, "must match `podCIDR`")
        }
        let families = ranges.items.compactMap { findings.cidr($0)?.family }
        if ranges.count > 2 || families.count == 2 && families[0] == families[1] {
            findings.invalid(ranges, "may specify no more than one CIDR for each IP family")
        }
        for name in ["capacity", "allocatable"] {
            for (_, quantity) in object["status"][name].entries { findings.quantity(quantity) }
        }
        var addresses: Set<JSONValue> = []
        for address in object["status"]["addresses"].items {
            if let value = address.value, !addresses.insert(value).inserted { findings.duplicate(address) }
        }
        guard let old else { return }
        for name in ["podCIDRs", "providerID"] where !old["spec"][name].isEmpty {
            if !(spec[name].value ?? .null).isEquivalent(to: old["spec"][name].value ?? .null) {
                findings.forbidden(spec[name], "node updates may not change \(name) except from \"\" to valid")
            }
        }
    }

    @Sendable static func namespace(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        for finalizer in object["spec"]["finalizers"].items {
            findings.invalid(finalizer, NameFormats.qualifiedName(finalizer.string))
            if !finalizer.string.contains("/"), finalizer.string != "kubernetes" {
                findings.invalid(finalizer, "name is neither a standard finalizer name nor is it fully qualified")
            }
        }
    }

    @Sendable static func event(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let namespace = object["metadata"]["namespace"].string
        let reference = object["involvedObject"].isSet ? object["involvedObject"] : object["regarding"]
        let involved = reference["namespace"]
        if involved.isEmpty {
            let isSystem = object["eventTime"].isSet && namespace == "kube-system"
            if reference.isSet, namespace != "default", !isSystem {
                findings.invalid(involved, "does not match event.namespace")
            }
        } else if involved.string != namespace {
            findings.invalid(involved, "does not match event.namespace")
        }
        guard object["eventTime"].isSet else { return }
        findings.atMost(object["action"], bytes: 128)
        findings.atMost(object["reason"], bytes: 128)
        findings.atMost(object["message"], bytes: 1024)
        findings.atMost(object["note"], bytes: 1024)
        findings.atMost(object["reportingInstance"], bytes: 128)
    }

    @Sendable static func limitRange(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let limits = object["spec"]["limits"].items
        findings.unique(limits.map { $0["type"] })
        for limit in limits {
            if limit["type"].string == "Pod" {
                for name in ["default", "defaultRequest"] where !limit[name].isEmpty {
                    findings.forbidden(limit[name], "may not be specified when `type` is 'Pod'")
                }
            }
            let names = Set(bounds.flatMap { limit[$0.field].entries.map(\.key) })
            for name in names.sorted() { limitBounds(limit, name, &findings) }
        }
    }

    /// From the least to the most, with what messages call them.
    private static let bounds = [
        (field: "min", text: "min"), (field: "defaultRequest", text: "default request"),
        (field: "default", text: "default"), (field: "max", text: "max"),
    ]

    /// Each bound of a resource against every lower one.
    private static func limitBounds(_ limit: FieldCursor, _ name: String, _ findings: inout Findings) {
        var lower: [(text: String, quantity: Quantity)] = []
        for (field, text) in bounds {
            guard let quantity = findings.quantity(limit[field][key: name]) else { continue }
            for (lowerText, least) in lower where least > quantity {
                let upper = text == "default" && lowerText == "default request" ? "default limit" : text
                findings.invalid(
                    limit[lowerText == "default request" ? "defaultRequest" : lowerText][key: name],
                    "\(lowerText) value \(least) is greater than \(upper) value \(quantity)")
            }
            lower.append((text, quantity))
        }
    }

    @Sendable static func resourceQuota(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        for (name, quantity) in object["spec"]["hard"].entries {
            findings.invalid(quantity.holding(.string(name)), NameFormats.qualifiedName(name))
            findings.quantity(quantity)
        }
        if let old { findings.immutable(object["spec"]["scopes"], old["spec"]["scopes"]) }
    }
}
