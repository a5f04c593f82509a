import KubeAPI

/// Admission policies and their bindings. Expressions in CEL are not compiled.
extension Validation {
    @Sendable static func validatingAdmissionPolicy(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        admissionPolicy(spec, &findings)
        let (validations, annotations) = (spec["validations"], spec["auditAnnotations"])
        if validations.isEmpty, annotations.isEmpty {
            for field in [validations, annotations] {
                findings.missing(field, "validations or auditAnnotations must contain at least one item")
            }
        }
        for validation in validations.items {
            expression(validation["expression"], &findings)
            message(validation["message"], &findings)
            findings.expect(
                validation["reason"], oneOf: ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"])
        }
        findings.atMost(annotations, items: 20)
        findings.unique(annotations.items.map { $0["key"] })
        for annotation in annotations.items {
            findings.requireFormat(annotation["key"], NameFormats.qualifiedName)
            expression(annotation["valueExpression"], &findings)
            if annotation["valueExpression"].string.utf8.count > 5120 {
                findings.invalid(annotation["valueExpression"], "must not exceed 5kb in length")
            }
        }
    }

    @Sendable static func mutatingAdmissionPolicy(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        admissionPolicy(spec, &findings)
        findings.require(spec["reinvocationPolicy"])
        findings.require(spec["mutations"], "mutations must contain at least one item")
        for mutation in spec["mutations"].items {
            let sources = ["ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"]
            guard let source = sources[mutation["patchType"].string] else {
                findings.require(mutation["patchType"])
                continue
            }
            if mutation[source].isSet {
                expression(mutation[source]["expression"], &findings)
            } else {
                findings.missing(
                    mutation[source], "must be specified when patchType is \(mutation["patchType"].string)")
            }
            for other in sources.values where other != source && mutation[other].isSet {
                findings.forbidden(
                    mutation[other], "must not be specified when patchType is \(mutation["patchType"].string)")
            }
        }
    }

    @Sendable static func validatingAdmissionPolicyBinding(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        admissionPolicyBinding(object["spec"], &findings)
        let actions = object["spec"]["validationActions"]
        findings.require(actions)
        findings.unique(actions.items)
        let names = Set(actions.items.map(\.string))
        if names.isSuperset(of: ["Deny", "Warn"]) {
            findings.invalid(
                actions,
                "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                    + "response and headers serves no purpose)")
        }
    }

    @Sendable static func mutatingAdmissionPolicyBinding(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        admissionPolicyBinding(object["spec"], &findings)
    }

    // MARK: - What both kinds have

    private static func admissionPolicy(_ spec: FieldCursor, _ findings: inout Findings) {
        findings.require(spec["failurePolicy"])
        let parameters = spec["paramKind"]
        if parameters.isSet { for name in ["apiVersion", "kind"] { findings.require(parameters[name]) } }
        if spec["matchConstraints"].isSet {
            matchResources(spec["matchConstraints"], needsRules: true, &findings)
        } else {
            findings.missing(spec["matchConstraints"])
        }
        findings.unique(spec["variables"].items.map { $0["name"] })
        for variable in spec["variables"].items {
            findings.requireFormat(variable["name"], NameFormats.cIdentifier)
            expression(variable["expression"], &findings)
        }
        matchConditions(spec["matchConditions"], &findings)
    }

    private static func admissionPolicyBinding(_ spec: FieldCursor, _ findings: inout Findings) {
        findings.requireFormat(spec["policyName"], NameFormats.dns1123Subdomain)
        matchResources(spec["matchResources"], needsRules: false, &findings)
        let parameters = spec["paramRef"]
        guard parameters.isSet else { return }
        findings.require(parameters["parameterNotFoundAction"])
        findings.labelSelector(parameters["selector"])
        switch (parameters["name"].isEmpty, parameters["selector"].isSet) {
        case (true, false): findings.missing(parameters, "one of name or selector must be specified")
        case (false, true):
            findings.forbidden(parameters["name"], "name and selector are mutually exclusive")
        default: break
        }
    }

    private static func matchResources(_ field: FieldCursor, needsRules: Bool, _ findings: inout Findings) {
        findings.labelSelector(field["namespaceSelector"])
        findings.labelSelector(field["objectSelector"])
        if needsRules { findings.require(field["resourceRules"]) }
        for rule in field["resourceRules"].items + field["excludeResourceRules"].items {
            requestRule(rule, &findings)
            findings.unique(rule["resourceNames"].items)
            for name in rule["resourceNames"].items { findings.require(name) }
        }
    }

    private static func expression(_ field: FieldCursor, _ findings: inout Findings) {
        let name = field.path.split(separator: ".").last.map(String.init) ?? "expression"
        if field.string.allSatisfy(\.isWhitespace) { findings.missing(field, "\(name) is not specified") }
    }

    private static func message(_ field: FieldCursor, _ findings: inout Findings) {
        guard !field.isEmpty else { return }
        if field.string.allSatisfy(\.isWhitespace) { findings.invalid(field, "message must be non-empty if specified") }
        if field.string.contains(where: \.isNewline) { findings.invalid(field, "message must not contain line breaks") }
    }
}
