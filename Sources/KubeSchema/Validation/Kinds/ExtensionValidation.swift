import KubeAPI

/// Admission webhooks, CustomResourceDefinition, APIService and the kinds of API priority and fairness.
extension Validation {
    @Sendable static func webhookConfiguration(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let webhooks = object["webhooks"].items
        findings.unique(webhooks.map { $0["name"] })
        for webhook in webhooks {
            findings.requireFormat(webhook["name"], NameFormats.fullyQualifiedName)
            let versions = webhook["admissionReviewVersions"]
            if versions.isEmpty {
                findings.missing(versions, "must specify one of v1, v1beta1")
            } else if !versions.items.contains(where: { ["v1", "v1beta1"].contains($0.string) }) {
                findings.invalid(versions, "must include at least one of v1, v1beta1")
            }
            if webhook["sideEffects"].isEmpty {
                findings.missing(webhook["sideEffects"], "must specify one of None, NoneOnDryRun")
            } else {
                findings.expect(webhook["sideEffects"], oneOf: ["None", "NoneOnDryRun"])
            }
            if let seconds = webhook["timeoutSeconds"].integer, !(1...30).contains(seconds) {
                findings.invalid(webhook["timeoutSeconds"], "the timeout value must be between 1 and 30 seconds")
            }
            for rule in webhook["rules"].items {
                for name in ["operations", "apiGroups", "apiVersions", "resources"] { findings.require(rule[name]) }
            }
            findings.labelSelector(webhook["namespaceSelector"])
            findings.labelSelector(webhook["objectSelector"])
            clientConfig(webhook["clientConfig"], &findings)
            findings.atMost(webhook["matchConditions"], items: 64)
        }
    }

    private static func clientConfig(_ config: FieldCursor, _ findings: inout Findings) {
        let (url, service) = (config["url"], config["service"])
        guard url.isSet != service.isSet else {
            return findings.missing(config, "exactly one of url or service is required")
        }
        if service.isSet {
            findings.require(service["name"], "service name is required")
            findings.require(service["namespace"], "service namespace is required")
            findings.port(service["port"])
        } else {
            if !url.string.hasPrefix("https://") {
                findings.invalid(url, "'https' is the only allowed URL scheme; desired format: https://host[/path]")
            }
            if url.string.contains("?") { findings.invalid(url, "query parameters are not permitted in the URL") }
            if url.string.contains("#") { findings.invalid(url, "fragments are not permitted in the URL") }
        }
    }

    @Sendable static func customResourceDefinition(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let (spec, names) = (object["spec"], object["spec"]["names"])
        let name = object["metadata"]["name"]
        let expected = "\(names["plural"].string).\(spec["group"].string)"
        if name.string != expected { findings.invalid(name, "must be spec.names.plural+\".\"+spec.group") }
        findings.requireFormat(spec["group"], NameFormats.dns1123Subdomain)
        if !spec["group"].isEmpty, !spec["group"].string.contains(".") {
            findings.invalid(spec["group"], "should be a domain with at least one dot")
        }
        findings.require(spec["scope"])
        findings.requireFormat(names["plural"], NameFormats.dns1035Label)
        findings.expect(names["singular"], NameFormats.dns1035Label)
        for short in names["shortNames"].items { findings.invalid(short, NameFormats.dns1035Label(short.string)) }
        for key in ["kind", "listKind"] {
            findings.requireFormat(names[key]) { NameFormats.dns1035Label($0.lowercased()) }
        }
        if !names["kind"].isEmpty, names["kind"].string == names["listKind"].string {
            findings.invalid(names["listKind"], "kind and listKind may not be the same")
        }
        if spec["preserveUnknownFields"].isTrue {
            findings.invalid(
                spec["preserveUnknownFields"],
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
            )
        }
        customVersions(spec, &findings)
        storedVersions(object["status"]["storedVersions"], of: spec, &findings)
        if old == nil { approval(object, &findings) }
        guard let old else { return }
        findings.immutable(spec["group"], old["spec"]["group"])
        findings.immutable(names["plural"], old["spec"]["names"]["plural"])
        let isEstablished = old["status"]["conditions"].items.contains {
            $0["type"].string == "Established" && $0["status"].string == "True"
        }
        if isEstablished {
            findings.immutable(spec["scope"], old["spec"]["scope"])
            findings.immutable(names["kind"], old["spec"]["names"]["kind"])
        }
    }

    private static func customVersions(_ spec: FieldCursor, _ findings: inout Findings) {
        let versions = spec["versions"].items
        if versions.isEmpty {
            findings.missing(spec["versions"], "must have exactly one version marked as storage version")
        }
        findings.unique(versions.map { $0["name"] })
        for version in versions {
            findings.invalid(version["name"], NameFormats.dns1035Label(version["name"].string))
            if !version["schema"]["openAPIV3Schema"].isSet {
                findings.missing(version["schema"]["openAPIV3Schema"], "schemas are required")
            }
            findings.atMost(version["selectableFields"], items: 8)
            scalePaths(version["subresources"]["scale"], &findings)
        }
        if !versions.isEmpty, versions.count(where: { $0["storage"].isTrue }) != 1 {
            findings.invalid(spec["versions"], "must have exactly one version marked as storage version")
        }
    }

    private static func scalePaths(_ scale: FieldCursor, _ findings: inout Findings) {
        guard scale.isSet else { return }
        func check(_ field: FieldCursor, below roots: [String], _ places: String) {
            let members = FieldQuery(field.string)?.members ?? []
            guard members.count < 2 || !roots.contains(members[0]) else { return }
            findings.invalid(field, "should be a json path under \(places)")
        }
        findings.require(scale["specReplicasPath"])
        findings.require(scale["statusReplicasPath"])
        if !scale["specReplicasPath"].isEmpty { check(scale["specReplicasPath"], below: ["spec"], ".spec") }
        if !scale["statusReplicasPath"].isEmpty { check(scale["statusReplicasPath"], below: ["status"], ".status") }
        if !scale["labelSelectorPath"].isEmpty {
            check(scale["labelSelectorPath"], below: ["spec", "status"], "either .spec or .status")
        }
    }

    private static func storedVersions(_ stored: FieldCursor, of spec: FieldCursor, _ findings: inout Findings) {
        let names = Set(spec["versions"].items.map { $0["name"].string })
        for version in stored.items where !names.contains(version.string) {
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

    @Sendable static func apiService(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, name) = (object["spec"], object["metadata"]["name"])
        let expected = "\(spec["version"].string).\(spec["group"].string)"
        if name.string != expected {
            findings.invalid(name, "must be `spec.version+\".\"+spec.group`: \"\(expected)\"")
        }
        if spec["group"].isEmpty {
            if spec["version"].string != "v1" {
                findings.missing(spec["group"], "only v1 may have an empty group and it better be legacy kube")
            }
        } else {
            findings.invalid(spec["group"], NameFormats.dns1123Subdomain(spec["group"].string))
        }
        findings.invalid(spec["version"], NameFormats.dns1035Label(spec["version"].string))
        func bounded(_ field: FieldCursor, _ limit: Int64) {
            let number = field.integer ?? 0
            if !(1...limit).contains(number) {
                findings.invalid(
                    field.holding(.integer(number)), "must be positive and less than \(limit)")
            }
        }
        bounded(spec["groupPriorityMinimum"], 20_000)
        bounded(spec["versionPriority"], 1_000)
        if !spec["service"].isSet {
            if !spec["caBundle"].isEmpty {
                findings.invalid(spec["caBundle"], "local APIServices may not have a caBundle")
            }
            if spec["insecureSkipTLSVerify"].isTrue {
                findings.invalid(spec["insecureSkipTLSVerify"], "local APIServices may not have insecureSkipTLSVerify")
            }
        } else {
            findings.require(spec["service"]["namespace"])
            findings.require(spec["service"]["name"])
            findings.port(spec["service"]["port"])
            if spec["insecureSkipTLSVerify"].isTrue, !spec["caBundle"].isEmpty {
                findings.invalid(spec["insecureSkipTLSVerify"], "may not be true if caBundle is present")
            }
        }
    }

    @Sendable static func flowSchema(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        let precedence = spec["matchingPrecedence"]
        if let number = precedence.integer, !(1...10_000).contains(number) {
            findings.invalid(precedence, "must be \(number < 1 ? "a positive value" : "less than or equal to 10000")")
        } else if precedence.integer == 1, object["metadata"]["name"].string != "exempt" {
            findings.invalid(precedence, "only the schema named 'exempt' may have matchingPrecedence 1")
        }
        findings.requireFormat(spec["priorityLevelConfiguration"]["name"], NameFormats.dns1123Subdomain)
    }

    @Sendable static func priorityLevelConfiguration(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let (spec, limited) = (object["spec"], object["spec"]["limited"])
        switch spec["type"].string {
        case "Limited":
            guard limited.isSet else { return findings.missing(limited, "must not be empty when type is Limited") }
            findings.nonNegative(limited["nominalConcurrencyShares"])
            findings.within(limited["lendablePercent"], 0...100)
            findings.nonNegative(limited["borrowingLimitPercent"])
        case "Exempt":
            if limited.isSet { findings.forbidden(limited, "must be nil if the type is not Limited") }
        default: findings.require(spec["type"])
        }
    }
}
