import KubeAPI
import NetTypes

/// Node, Namespace and Event.
extension Validation {
    @Sendable static func node(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, status) = (object["spec"], object["status"])
        taints(spec["taints"], &findings)
        for name in ["capacity", "allocatable"] {
            for (resource, amount) in status[name].entries {
                findings.amount(amount.placed(at: "\(status[name].path).\(resource)"), of: resource)
            }
        }
        podRanges(spec, &findings)
        var addresses: Set<JSONValue> = []
        for address in status["addresses"].items {
            if let value = address.value, !addresses.insert(value).inserted { findings.duplicate(address) }
        }
        guard let old else { return }
        for (name, text) in [("podCIDRs", "podCIDR"), ("providerID", "providerID")] where !old["spec"][name].isEmpty {
            if !(spec[name].value ?? .null).isEquivalent(to: old["spec"][name].value ?? .null) {
                findings.forbidden(spec[name], "node updates may not change \(text) except from \"\" to valid")
            }
        }
    }

    private static func taints(_ taints: FieldCursor, _ findings: inout Findings) {
        var seen: Set<String> = []
        for (index, taint) in taints.items.enumerated() {
            // Upstream looks for them in the metadata.
            let taint = taint.placed(at: "metadata.taints[\(index)]")
            let (key, value, effect) = (taint["key"], taint["value"], taint["effect"])
            findings.invalid(key.holding(.string(key.string)), NameFormats.qualifiedName(key.string))
            findings.invalid(value, joined: NameFormats.labelValue(value.string), by: ";")
            findings.require(effect)
            findings.expect(effect, oneOf: ["NoSchedule", "PreferNoSchedule", "NoExecute"])
            if !seen.insert("\(effect.string) \(key.string)").inserted {
                findings.add(
                    FieldError(
                        .duplicate, taint.path, taint.value, "taints must be unique by key and effect pair"))
            }
        }
    }

    private static func podRanges(_ spec: FieldCursor, _ findings: inout Findings) {
        let ranges = spec["podCIDRs"]
        if let first = ranges.items.first, first.string != spec["podCIDR"].string {
            findings.invalid(first, "must match `podCIDR`")
        }
        let families = ranges.items.compactMap { findings.cidr($0)?.family }
        if ranges.count > 2 || families.count == 2 && families[0] == families[1] {
            findings.invalid(ranges, "may specify no more than one CIDR for each IP family")
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
}
