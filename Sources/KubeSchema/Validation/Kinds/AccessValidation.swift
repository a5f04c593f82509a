import KubeAPI

/// RBAC, CertificateSigningRequest and Lease.
extension Validation {
    private static let group = "rbac.authorization.k8s.io"

    @Sendable static func role(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        for rule in object["rules"].items { policyRule(rule, isNamespaced: true, &findings) }
    }

    @Sendable static func clusterRole(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        for rule in object["rules"].items { policyRule(rule, isNamespaced: false, &findings) }
        let aggregation = object["aggregationRule"]
        guard aggregation.isSet else { return }
        let selectors = aggregation["clusterRoleSelectors"]
        if selectors.isEmpty {
            findings.missing(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil")
        }
        for selector in selectors.items { findings.labelSelector(selector) }
    }

    private static func policyRule(_ rule: FieldCursor, isNamespaced: Bool, _ findings: inout Findings) {
        if rule["verbs"].isEmpty { findings.missing(rule["verbs"], "verbs must contain at least one value") }
        if !rule["nonResourceURLs"].isEmpty {
            if isNamespaced {
                findings.invalid(
                    rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs")
            }
            if !rule["apiGroups"].isEmpty || !rule["resources"].isEmpty || !rule["resourceNames"].isEmpty {
                findings.invalid(
                    rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs")
            }
            return
        }
        if rule["apiGroups"].isEmpty {
            findings.missing(rule["apiGroups"], "resource rules must supply at least one api group")
        }
        if rule["resources"].isEmpty {
            findings.missing(rule["resources"], "resource rules must supply at least one resource")
        }
    }

    @Sendable static func roleBinding(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        binding(object, old, kinds: ["Role", "ClusterRole"], &findings)
    }

    @Sendable static func clusterRoleBinding(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        binding(object, old, kinds: ["ClusterRole"], &findings)
    }

    private static func binding(
        _ object: FieldCursor, _ old: FieldCursor?, kinds: [String], _ findings: inout Findings
    ) {
        let role = object["roleRef"]
        func choice(_ field: FieldCursor, _ values: [String]) {
            if !values.contains(field.string) { findings.notSupported(field, values) }
        }
        choice(role["apiGroup"], [group])
        choice(role["kind"], kinds)
        findings.requireFormat(role["name"], NameFormats.pathSegment)
        for subject in object["subjects"].items {
            findings.require(subject["name"])
            switch subject["kind"].string {
            case "ServiceAccount":
                findings.invalid(subject["name"], NameFormats.dns1123Subdomain(subject["name"].string))
                if !subject["apiGroup"].isEmpty { findings.expect(subject["apiGroup"], oneOf: [""]) }
                findings.require(subject["namespace"])
            case "User", "Group": choice(subject["apiGroup"], [group])
            default: choice(subject["kind"], ["ServiceAccount", "User", "Group"])
            }
        }
        if let old, !(role.value ?? .null).isEquivalent(to: old["roleRef"].value ?? .null) {
            findings.invalid(role, "cannot change roleRef")
        }
    }

    @Sendable static func lease(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        if let seconds = spec["leaseDurationSeconds"].integer, seconds <= 0 {
            findings.invalid(spec["leaseDurationSeconds"], "must be greater than 0")
        }
        findings.nonNegative(spec["leaseTransitions"])
        if !spec["preferredHolder"].isEmpty, spec["strategy"].isEmpty {
            findings.forbidden(spec["preferredHolder"], "may only be specified if `strategy` is defined")
        }
    }

    /// RFC 7468, section 7. What is in it is for the signer to judge.
    private static func isRequestPEM(_ base64: String) -> Bool {
        guard let bytes = try? Base64.decode(base64) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        let end = "-----END CERTIFICATE REQUEST-----"
        guard let begin = text.firstRange(of: "-----BEGIN CERTIFICATE REQUEST-----") else { return false }
        return text[begin.upperBound...].contains(end) && !text[..<begin.lowerBound].contains("-----BEGIN")
    }

    @Sendable static func certificateSigningRequest(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        findings.require(spec["request"])
        if !spec["request"].isEmpty, !isRequestPEM(spec["request"].string) {
            findings.invalid(spec["request"], "PEM block type must be CERTIFICATE REQUEST")
        }
        let signer = spec["signerName"]
        if signer.isEmpty {
            findings.missing(signer)
        } else {
            let parts = signer.string.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count != 2 || parts.contains("") {
                findings.invalid(
                    signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
            } else {
                findings.invalid(signer, NameFormats.dns1123Subdomain(String(parts[0])))
            }
            if signer.string == "kubernetes.io/legacy-unknown" {
                findings.invalid(signer, "the legacy signerName is not allowed via this API version")
            }
        }
        findings.require(spec["usages"])
        findings.unique(spec["usages"].items)
        if let seconds = spec["expirationSeconds"].integer, seconds < 600 {
            findings.invalid(spec["expirationSeconds"], "may not specify a duration less than 600 seconds (10 minutes)")
        }
        let types = object["status"]["conditions"].items.map { $0["type"].string }
        if types.contains("Approved"), types.contains("Denied") {
            findings.invalid(object["status"]["conditions"], "Approved and Denied conditions are mutually exclusive")
        }
        guard let old else { return }
        for type in ["Approved", "Denied", "Failed"] where !types.contains(type) {
            if old["status"]["conditions"].items.contains(where: { $0["type"].string == type }) {
                findings.forbidden(
                    object["status"]["conditions"], "updates may not remove a condition of type \"\(type)\"")
            }
        }
        findings.immutableOnceSet(object["status"]["certificate"], old["status"]["certificate"])
    }
}
