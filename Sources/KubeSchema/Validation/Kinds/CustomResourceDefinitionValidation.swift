import KubeAPI

extension Validation {
    @Sendable static func customResourceDefinition(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let (spec, names) = (object["spec"], object["spec"]["names"])
        let name = object["metadata"]["name"]
        if name.string != "\(names["plural"].string).\(spec["group"].string)" {
            findings.invalid(name, "must be spec.names.plural+\".\"+spec.group")
        }
        findings.require(spec["group"])
        findings.expect(spec["group"]) {
            [NameFormats.dns1123Subdomain($0).joined(separator: ",")].filter { !$0.isEmpty }
        }
        if !spec["group"].isEmpty, !spec["group"].string.contains(".") {
            findings.invalid(spec["group"], "should be a domain with at least one dot")
        }
        findings.require(spec["scope"])
        findings.expect(spec["scope"], oneOf: ["Cluster", "Namespaced"])
        CustomVersionsValidation.check(spec, &findings)
        for name in ["plural", "singular", "kind", "listKind"] { findings.require(names[name]) }
        customNames(names, &findings)
        if spec["preserveUnknownFields"].isTrue {
            findings.invalid(
                spec["preserveUnknownFields"],
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
            )
        }
        conversion(spec["conversion"], &findings)
        if object["status"].isSet {
            customNames(object["status"]["acceptedNames"], &findings)
            storedVersions(object["status"]["storedVersions"], of: spec, &findings)
        }
        approval(object, &findings)
        if let old { customUpdate(spec, old, &findings) }
    }

    private static func customUpdate(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let (names, oldNames) = (spec["names"], old["spec"]["names"])
        let isEstablished = old["status"]["conditions"].items.contains {
            $0["type"].string == "Established" && $0["status"].string == "True"
        }
        if isEstablished {
            findings.immutable(spec["scope"], old["spec"]["scope"])
            findings.immutable(names["kind"], oldNames["kind"])
        }
        findings.immutable(spec["group"], old["spec"]["group"])
        findings.immutable(names["plural"], oldNames["plural"])
    }

    private static func customNames(_ names: FieldCursor, _ findings: inout Findings) {
        func label(_ field: FieldCursor) {
            guard !field.isEmpty else { return }
            findings.invalid(field, joined: NameFormats.dns1035Label(field.string))
        }
        func mixedLabel(_ field: FieldCursor) {
            let details = NameFormats.dns1035Label(field.string.lowercased())
            guard !field.isEmpty, !details.isEmpty else { return }
            findings.invalid(
                field, "may have mixed case, but should otherwise match: \(details.joined(separator: ","))")
        }
        label(names["plural"])
        label(names["singular"])
        mixedLabel(names["kind"])
        mixedLabel(names["listKind"])
        for short in names["shortNames"].items {
            findings.invalid(short, joined: NameFormats.dns1035Label(short.string))
        }
        if !names["kind"].isEmpty, names["kind"].string == names["listKind"].string {
            findings.invalid(names["listKind"], "kind and listKind may not be the same")
        }
        for category in names["categories"].items {
            findings.invalid(category, joined: NameFormats.dns1035Label(category.string))
        }
    }

    /// Its paths are those of the first version of the API.
    private static func conversion(_ conversion: FieldCursor, _ findings: inout Findings) {
        guard conversion.isSet else { return }
        let webhook = conversion["webhook"]
        let client = FieldCursor(webhook["clientConfig"].value, at: "\(conversion.path).webhookClientConfig")
        let versions = FieldCursor(
            webhook["conversionReviewVersions"].value, at: "\(conversion.path).conversionReviewVersions")
        findings.require(conversion["strategy"])
        findings.expect(conversion["strategy"], oneOf: ["None", "Webhook"])
        guard conversion["strategy"].string == "Webhook" else {
            for field in [client, versions] where !field.isEmpty {
                findings.forbidden(field, "should not be set when strategy is not set to Webhook")
            }
            return
        }
        if client.isSet {
            findings.webhookClient(client)
        } else {
            findings.missing(client, "required when strategy is set to Webhook")
        }
        reviewVersions(versions, &findings)
    }

    private static func reviewVersions(_ versions: FieldCursor, _ findings: inout Findings) {
        guard !versions.isEmpty else { return findings.missing(versions) }
        var seen: Set<String> = []
        for version in versions.items {
            if !seen.insert(version.string).inserted { findings.invalid(version, "duplicate version") }
            findings.invalid(version, joined: NameFormats.dns1035Label(version.string))
        }
        if seen.isDisjoint(with: ["v1", "v1beta1"]) {
            findings.invalid(versions, "must include at least one of v1, v1beta1")
        }
    }

    private static func storedVersions(_ stored: FieldCursor, of spec: FieldCursor, _ findings: inout Findings) {
        guard !stored.isEmpty else {
            return findings.add(
                FieldError(.invalid, stored.path, .null, "must have at least one stored version"))
        }
        let (names, known) = (stored.items.map(\.string), Set(spec["versions"].items.map { $0["name"].string }))
        for version in spec["versions"].items where version["storage"].isTrue {
            guard !names.contains(version["name"].string) else { continue }
            findings.invalid(
                stored.holding(version.value), "must have the storage version \(version["name"].string)")
        }
        for version in stored.items where !known.contains(version.string) {
            let name = version.string
            findings.invalid(
                version,
                "missing from spec.versions; \(name) was previously a storage version, and must remain in spec.versions "
                    + "until a storage migration ensures no data remains persisted in \(name) and removes \(name) from "
                    + "status.storedVersions")
        }
    }

    /// KEP-1111: groups of the Kubernetes project say who has looked at the API.
    private static func approval(_ object: FieldCursor, _ findings: inout Findings) {
        let group = object["spec"]["group"].string
        let isProtected = ["k8s.io", "kubernetes.io"].contains { group == $0 || group.hasSuffix("." + $0) }
        guard isProtected else { return }
        let annotation = object["metadata"]["annotations"][key: "api-approved.kubernetes.io"]
        let head = "protected groups must have approval annotation \"api-approved.kubernetes.io\""
        let place = "see https://github.com/kubernetes/enhancements/pull/1111"
        if annotation.isEmpty {
            findings.missing(annotation, "\(head), \(place)")
        } else if !annotation.string.hasPrefix("unapproved"), !isURL(annotation.string) {
            findings.invalid(annotation, "\(head) with either a URL or a reason starting with \"unapproved\", \(place)")
        }
    }

    private static func isURL(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1)
        return parts.count == 2 && parts[0].allSatisfy(\.isLetter) && !parts[1].hasPrefix("/")
    }
}
