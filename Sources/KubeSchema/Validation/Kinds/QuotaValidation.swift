import KubeAPI

extension Validation {
    @Sendable static func resourceQuota(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        for list in [spec["hard"], object["status"]["hard"], object["status"]["used"]] {
            for (name, amount) in list.entries {
                findings.resourceName(name, amount)
                if !ResourceNames.isQualified(name), !ResourceNames.isStandardForQuotas(name) {
                    findings.invalid(amount.holding(.string(name)), "must be a standard resource for quota")
                }
                findings.amount(amount, of: name)
            }
        }
        quotaScopes(spec, &findings)
        scopeSelector(spec, &findings)
        guard let old else { return }
        func scopes(_ object: FieldCursor) -> Set<String> { Set(object["spec"]["scopes"].items.map(\.string)) }
        if scopes(object) != scopes(old) {
            findings.invalid(spec["scopes"].holding(spec["scopes"].value ?? []), "field is immutable")
        }
    }

    private static let presenceScopes: Set<String> = [
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity",
    ]
    private static let knownScopes = presenceScopes.union(["PriorityClass", "VolumeAttributesClass"])
    private static let conflicts: [Set<String>] = [
        ["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"],
    ]

    private static func quotaScopes(_ spec: FieldCursor, _ findings: inout Findings) {
        let scopes = spec["scopes"]
        for scope in scopes.items {
            if !knownScopes.contains(scope.string) { findings.invalid(scopes, "unsupported scope") }
            for (name, _) in spec["hard"].entries where !applies(scope.string, to: name) {
                findings.invalid(scopes, "unsupported scope applied to resource")
            }
        }
        let names = Set(scopes.items.map(\.string))
        for pair in conflicts where names.isSuperset(of: pair) { findings.invalid(scopes, "conflicting scopes") }
    }

    private static let ofPods: Set<String> = [
        "pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    ]

    private static func applies(_ scope: String, to name: String) -> Bool {
        guard ResourceNames.isStandardForQuotas(name), knownScopes.contains(scope) else { return true }
        switch scope {
        case "BestEffort": return name == "pods"
        case "VolumeAttributesClass": return name == "persistentvolumeclaims" || name == "requests.storage"
        default: return ofPods.contains(name)
        }
    }

    private static func scopeSelector(_ spec: FieldCursor, _ findings: inout Findings) {
        let list = spec["scopeSelector"]["matchExpressions"]
        for requirement in list.items {
            // Upstream's paths have no index here.
            let (scope, values) = (requirement["scopeName"], requirement["values"].placed(at: list["values"].path))
            if !knownScopes.contains(scope.string) {
                findings.invalid(scope.placed(at: list["scopeName"].path), "unsupported scope")
            }
            for (name, _) in spec["hard"].entries where !applies(scope.string, to: name) {
                findings.invalid(list.holding(spec["scopeSelector"].value), "unsupported scope applied to resource")
            }
            scopeOperator(requirement["operator"].placed(at: list["operator"].path), scope.string, values, &findings)
        }
        let names = Set(list.items.map { $0["scopeName"].string })
        for pair in conflicts where names.isSuperset(of: pair) {
            findings.invalid(list.holding(spec["scopes"].value ?? []), "conflicting scopes")
        }
    }

    private static func scopeOperator(
        _ field: FieldCursor, _ scope: String, _ values: FieldCursor, _ findings: inout Findings
    ) {
        if presenceScopes.contains(scope), field.string != "Exists" {
            findings.invalid(
                field,
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
                    + "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                    + "ResourceQuotaScopeCrossNamespacePodAffinity")
        }
        switch field.string {
        case "In", "NotIn":
            findings.require(
                values, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")
        case "Exists", "DoesNotExist":
            if !values.isEmpty {
                findings.invalid(
                    values, "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector")
            }
        default: findings.invalid(field, "not a valid selector operator")
        }
    }
}
