import KubeAPI

/// Configurations of admission webhooks, and the rules on requests that they share with admission policies.
extension Validation {
    @Sendable static func webhookConfiguration(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        var names: Set<String> = []
        for webhook in object["webhooks"].items {
            check(webhook: webhook, &findings)
            reviewVersions(webhook["admissionReviewVersions"], &findings)
            let name = webhook["name"]
            if !name.isEmpty, !names.insert(name.string).inserted { findings.duplicate(name) }
        }
    }

    private static func check(webhook: FieldCursor, _ findings: inout Findings) {
        findings.requireFormat(webhook["name"], NameFormats.fullyQualifiedName)
        for rule in webhook["rules"].items { requestRule(rule, &findings) }
        if webhook["sideEffects"].isEmpty {
            findings.missing(webhook["sideEffects"], "must specify one of None, NoneOnDryRun")
        } else {
            findings.expect(webhook["sideEffects"], oneOf: ["None", "NoneOnDryRun"])
        }
        if let seconds = webhook["timeoutSeconds"].integer, !(1...30).contains(seconds) {
            findings.invalid(webhook["timeoutSeconds"], "the timeout value must be between 1 and 30 seconds")
        }
        findings.labelSelector(webhook["namespaceSelector"])
        findings.labelSelector(webhook["objectSelector"])
        findings.webhookClient(webhook["clientConfig"])
        matchConditions(webhook["matchConditions"], &findings)
    }

    private static func reviewVersions(_ versions: FieldCursor, _ findings: inout Findings) {
        guard !versions.isEmpty else { return findings.missing(versions, "must specify one of v1, v1beta1") }
        var seen: Set<String> = []
        for version in versions.items {
            if seen.insert(version.string).inserted {
                findings.invalid(version, NameFormats.dns1035Label(version.string))
            } else {
                findings.invalid(version, "duplicate version")
            }
        }
        if seen.isDisjoint(with: ["v1", "v1beta1"]) {
            findings.invalid(versions, "must include at least one of v1, v1beta1")
        }
    }

    static func matchConditions(_ conditions: FieldCursor, _ findings: inout Findings) {
        findings.atMost(conditions, items: 64)
        var names: Set<String> = []
        for condition in conditions.items {
            let name = condition["name"]
            if condition["expression"].string.allSatisfy(\.isWhitespace) { findings.missing(condition["expression"]) }
            findings.requireFormat(name, NameFormats.qualifiedName)
            if !name.isEmpty, !names.insert(name.string).inserted { findings.duplicate(name) }
        }
    }

    // MARK: - Rules on requests

    /// A RuleWithOperations.
    static func requestRule(_ rule: FieldCursor, _ findings: inout Findings) {
        func wildcardAlone(_ list: FieldCursor, _ others: String) {
            if list.isEmpty { findings.missing(list) }
            if list.count > 1, list.items.contains(where: { $0.string == "*" }) {
                findings.invalid(list, "if '*' is present, must not specify other \(others)")
            }
        }
        wildcardAlone(rule["operations"], "operations")
        wildcardAlone(rule["apiGroups"], "API groups")
        wildcardAlone(rule["apiVersions"], "API versions")
        for version in rule["apiVersions"].items where version.isEmpty { findings.missing(version) }
        resources(rule["resources"], &findings)
    }

    private static func resources(_ list: FieldCursor, _ findings: inout Findings) {
        if list.isEmpty { findings.missing(list) }
        var (anySubresource, anyResource): (Set<String>, Set<String>) = ([], [])
        let names = list.items.map(\.string)
        for field in list.items {
            let text = field.string
            if text.isEmpty { findings.missing(field) }
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { continue }
            if anySubresource.contains(parts[0]) {
                findings.invalid(field, "if '\(parts[0])/*' is present, must not specify \(text)")
            }
            if anyResource.contains(parts[1]) {
                findings.invalid(field, "if '*/\(parts[1])' is present, must not specify \(text)")
            }
            if parts[1] == "*" { anySubresource.insert(parts[0]) }
            if parts[0] == "*" { anyResource.insert(parts[1]) }
        }
        if names.count > 1, names.contains("*/*") {
            findings.invalid(list, "if '*/*' is present, must not specify other resources")
        }
        if names.contains("*"), names.contains(where: { $0 != "*" && !$0.isEmpty && !$0.contains("/") }) {
            findings.invalid(list, "if '*' is present, must not specify other resources without subresources")
        }
    }
}
