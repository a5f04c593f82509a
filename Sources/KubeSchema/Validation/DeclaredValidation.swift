import KubeAPI

/// What the schema itself says of values: closed sets and declared limits. Absent and empty values are the kinds' to
/// judge: most of them have defaults.
struct DeclaredValidation {
    let schema: Schema

    func check(_ cursor: FieldCursor, as shape: FieldShape, _ findings: inout Findings) {
        switch (shape, cursor.value) {
        case (.type(let reference), .object(let object)?):
            let type = schema[reference]
            guard type.form == .object else { return }
            for member in object.members {
                guard let position = type.position(of: member.key) else { continue }
                checkField(type, position, cursor[member], &findings)
            }
        case (.array(let element), .array?) where Self.holdsTypes(element):
            for item in cursor.items { check(item, as: element, &findings) }
        case (.map(let element), .object?) where Self.holdsTypes(element):
            for (_, entry) in cursor.entries { check(entry, as: element, &findings) }
        default: return
        }
    }

    private func checkField(
        _ type: TypeDefinition, _ position: Int, _ cursor: FieldCursor, _ findings: inout Findings
    ) {
        if !type.fields[position].allowedValues.isEmpty {
            checkAllowed(type, position, cursor, &findings)
            for item in cursor.items { checkAllowed(type, position, item, &findings) }
        }
        for constraint in type.fields[position].constraints { check(constraint, cursor, &findings) }
        if Self.holdsTypes(type.fields[position].shape) { check(cursor, as: type.fields[position].shape, &findings) }
    }

    private func checkAllowed(
        _ type: TypeDefinition, _ position: Int, _ cursor: FieldCursor, _ findings: inout Findings
    ) {
        guard let text = cursor.value?.string, !text.isEmpty,
            !type.fields[position].allowedValues.contains(text)
        else { return }
        let (field, owner) = (type.fields[position], type.name.split(separator: ".").last ?? "")
        guard !Self.saidByKinds.contains("\(owner).\(field.name)") else { return }
        findings.expect(cursor, oneOf: Self.orders[field.allowedValues] ?? field.allowedValues)
    }

    /// Closed sets that the rules of the kinds check: upstream says it in other words, at another place, or allows less.
    private static let saidByKinds: Set<String> = [
        "Toleration.operator", "NodeSelectorRequirement.operator", "ResourceQuotaSpec.scopes",
        "ScopedResourceSelectorRequirement.scopeName", "ScopedResourceSelectorRequirement.operator",
        "PersistentVolumeSpec.accessModes", "PersistentVolumeClaimSpec.accessModes", "ServiceSpec.ipFamilies",
        "ValidatingWebhook.sideEffects", "MutatingWebhook.sideEffects", "StorageClass.reclaimPolicy",
        "DeploymentStrategy.type", "DaemonSetUpdateStrategy.type", "StatefulSetUpdateStrategy.type",
        "StatefulSetSpec.podManagementPolicy", "Taint.effect", "ValidationRule.reason", "NetworkPolicySpec.policyTypes",
    ]

    /// Where upstream does not list the values in their order.
    private static let orders: [[String]: [String]] = [
        ["NoExecute", "NoSchedule", "PreferNoSchedule"]: ["NoSchedule", "PreferNoSchedule", "NoExecute"],
        ["Always", "Never", "OnFailure"]: ["Always", "OnFailure", "Never"],
        ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]: [
            "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None",
        ],
        ["FallbackToLogsOnError", "File"]: ["File", "FallbackToLogsOnError"],
        ["Never", "PreemptLowerPriority"]: ["PreemptLowerPriority", "Never"],
        ["Indexed", "NonIndexed"]: ["NonIndexed", "Indexed"],
    ]

    private static func holdsTypes(_ shape: FieldShape) -> Bool {
        switch shape {
        case .type: true
        case .array(let element), .map(let element): holdsTypes(element)
        default: false
        }
    }

    private func check(_ constraint: FieldConstraint, _ field: FieldCursor, _ findings: inout Findings) {
        switch constraint {
        case .maxItems(let limit): findings.atMost(field, items: limit)
        case .maxBytes(let limit): findings.atMost(field, bytes: limit)
        case .minimum(let limit): findings.atLeast(field, limit)
        case .format(.shortName): findings.expect(field, NameFormats.dns1123Label)
        case .format(.longName): findings.expect(field, NameFormats.dns1123Subdomain)
        case .format(.caselessLongName): findings.expect(field) { NameFormats.dns1123Subdomain($0.lowercased()) }
        case .format(.labelKey): findings.expect(field, NameFormats.qualifiedName)
        }
    }
}
