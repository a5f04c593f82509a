import KubeAPI

/// What an update through the pod itself may change. Subresources (ephemeralcontainers, resize, binding) have rules of
/// their own.
struct PodUpdate {
    let spec: FieldCursor
    let old: FieldCursor

    private static let rule =
        "pod updates may not change fields other than "
        + "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
        + "(allow it to be set to 1 if it was previously negative)"

    func check(_ findings: inout Findings) {
        for name in ["containers", "initContainers"] where spec[name].count != old[name].count {
            return findings.forbidden(spec[name], "pod updates may not add or remove containers")
        }
        guard deadline(&findings) else { return }
        tolerations(&findings)
        let isGated = !old["schedulingGates"].isEmpty
        gates(&findings)
        if isGated {
            nodeSelector(&findings)
            nodeAffinity(&findings)
        }
        let now = comparable(spec.value, isGated: isGated)
        var then = comparable(old.value, isGated: isGated)
        let (grace, was) = (spec["terminationGracePeriodSeconds"], old["terminationGracePeriodSeconds"])
        if let was = was.integer, was < 0, grace.integer == 1 { then[path: "terminationGracePeriodSeconds"] = 1 }
        if !now.isEquivalent(to: then) { findings.forbidden(spec, Self.rule) }
    }

    private func deadline(_ findings: inout Findings) -> Bool {
        let (deadline, before) = (spec["activeDeadlineSeconds"], old["activeDeadlineSeconds"].integer)
        guard let seconds = deadline.integer else {
            if before != nil {
                findings.add(
                    FieldError(
                        .invalid, deadline.path, .null, "must not update from a positive integer to nil value"))
            }
            return true
        }
        if !(0...Int64(Int32.max)).contains(seconds) {
            findings.within(deadline, 0...Int64(Int32.max))
            return false
        }
        guard let before, before < seconds else { return true }
        findings.invalid(deadline, "must be less than or equal to previous value")
        return false
    }

    private func tolerations(_ findings: inout Findings) {
        func keys(_ list: FieldCursor) -> Set<JSONValue> {
            Set(
                list.items.map { item in
                    var value = item.value ?? .null
                    value[path: "tolerationSeconds"] = nil
                    return value
                })
        }
        let list = spec["tolerations"]
        if !keys(old["tolerations"]).isSubset(of: keys(list)) {
            findings.forbidden(list, "existing toleration can not be modified except its tolerationSeconds")
        }
    }

    private func gates(_ findings: inout Findings) {
        let before = Set(old["schedulingGates"].items.map { $0["name"].string })
        for gate in spec["schedulingGates"].items where !before.contains(gate["name"].string) {
            findings.forbidden(
                gate["name"], "only deletion is allowed, but found new scheduling gate '\(gate["name"].string)'")
        }
    }

    // MARK: - Pods that wait for a gate

    private func nodeSelector(_ findings: inout Findings) {
        let now = spec["nodeSelector"]
        if old["nodeSelector"].entries.contains(where: { now[key: $0.key].value != $0.cursor.value }) {
            findings.invalid(
                now.holding(now.value ?? .emptyObject),
                "only additions to spec.nodeSelector are allowed (no mutations or deletions)")
        }
    }

    private func nodeAffinity(_ findings: inout Findings) {
        func terms(_ spec: FieldCursor) -> FieldCursor {
            spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        }
        let (now, before) = (terms(spec), terms(old))
        guard !before.isEmpty else { return }
        guard now.count == before.count else {
            return findings.invalid(
                now.holding(now.value ?? []), "no additions/deletions to non-empty NodeSelectorTerms list are allowed")
        }
        for (term, was) in zip(now.items, before.items) where !isOnlyAdded(term, was) {
            findings.invalid(term, "only additions are allowed (no mutations or deletions)")
        }
    }

    /// An empty term matches nothing, so that a requirement more would widen it.
    private func isOnlyAdded(_ term: FieldCursor, _ old: FieldCursor) -> Bool {
        let lists = ["matchExpressions", "matchFields"]
        if lists.allSatisfy({ old[$0].isEmpty }) { return lists.allSatisfy { term[$0].isEmpty } }
        return lists.allSatisfy { name in
            let before = old[name].value?.array ?? []
            return Array((term[name].value?.array ?? []).prefix(before.count)) == before
        }
    }

    // MARK: - All others

    /// Without what may change.
    private func comparable(_ spec: JSONValue?, isGated: Bool) -> JSONValue {
        var spec = spec ?? .emptyObject
        for name in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] { spec[path: name] = nil }
        if isGated {
            spec[path: "nodeSelector"] = nil
            spec[path: "affinity", "nodeAffinity"] = nil
            if spec["affinity"]?.object?.members.isEmpty ?? false { spec[path: "affinity"] = nil }
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
