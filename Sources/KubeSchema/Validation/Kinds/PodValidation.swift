import KubeAPI

extension Validation {
    @Sendable static func pod(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        PodSpecValidation.check(object["spec"], &findings)
        guard let old else {
            if !object["spec"]["ephemeralContainers"].isEmpty {
                findings.forbidden(
                    object["spec"]["ephemeralContainers"], "cannot be set on create")
            }
            return
        }
        podUpdate(object["spec"], old["spec"], &findings)
    }

    @Sendable static func podTemplateObject(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        podTemplate(object["template"], &findings)
    }

    /// metadata and spec of the pods to be made.
    static func podTemplate(_ template: FieldCursor, _ findings: inout Findings) {
        findings.labels(template["metadata"]["labels"])
        findings.annotations(template["metadata"]["annotations"])
        PodSpecValidation.check(template["spec"], &findings)
        if !template["spec"]["ephemeralContainers"].isEmpty {
            findings.forbidden(
                template["spec"]["ephemeralContainers"], "ephemeral containers not allowed in pod template")
        }
    }

    private static let updateRule =
        "pod updates may not change fields other than "
        + "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
        + "(allow it to be set to 1 if it was previously negative)"

    /// What an update through the pod itself may change. Subresources (ephemeralcontainers, resize, binding) have rules of
    /// their own.
    private static func podUpdate(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        for name in ["containers", "initContainers"] where spec[name].count != old[name].count {
            return findings.forbidden(spec[name], "pod updates may not add or remove containers")
        }
        let (deadline, before) = (spec["activeDeadlineSeconds"], old["activeDeadlineSeconds"])
        if let was = before.integer, deadline.integer.map({ $0 > was }) ?? true {
            findings.invalid(
                deadline,
                deadline.isSet
                    ? "must be less than or equal to previous value"
                    : "must not update from a positive integer to nil value")
        }
        onlyAdded(spec["tolerations"], old["tolerations"], &findings)
        let gates = Set((old["schedulingGates"].value?.array ?? []))
        if !Set(spec["schedulingGates"].value?.array ?? []).isSubset(of: gates) {
            findings.forbidden(spec["schedulingGates"], "only deletion is allowed, but found new scheduling gate")
        }
        let isGated = !gates.isEmpty
        let now = comparable(spec.value, isGated: isGated)
        var then = comparable(old.value, isGated: isGated)
        let (grace, was) = (spec["terminationGracePeriodSeconds"], old["terminationGracePeriodSeconds"])
        if let was = was.integer, was < 0, grace.integer == 1 { then[path: "terminationGracePeriodSeconds"] = 1 }
        if !now.isEquivalent(to: then) { findings.forbidden(FieldCursor(nil, at: "spec"), updateRule) }
    }

    private static func onlyAdded(_ list: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        func keys(_ list: FieldCursor) -> Set<JSONValue> {
            Set(
                list.items.map { item in
                    var value = item.value ?? .null
                    value[path: "tolerationSeconds"] = nil
                    return value
                })
        }
        if !keys(old).isSubset(of: keys(list)) {
            findings.forbidden(list, "existing toleration can not be modified except its tolerationSeconds")
        }
    }

    /// Without what may change.
    private static func comparable(_ spec: JSONValue?, isGated: Bool) -> JSONValue {
        var spec = spec ?? .emptyObject
        for name in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] { spec[path: name] = nil }
        if isGated {
            spec[path: "nodeSelector"] = nil
            spec[path: "affinity", "nodeAffinity"] = nil
        }
        for name in ["containers", "initContainers"] {
            guard let containers = spec[name]?.array else { continue }
            spec[path: name] = .array(
                containers.map { container in
                    var container = container
                    container[path: "image"] = nil
                    return container
                })
        }
        return spec
    }
}
