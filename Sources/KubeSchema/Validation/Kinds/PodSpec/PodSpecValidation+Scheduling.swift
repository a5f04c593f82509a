import KubeAPI

extension PodSpecValidation {
    mutating func affinity(_ affinity: FieldCursor) {
        let node = affinity["nodeAffinity"]
        findings.nodeSelector(node["requiredDuringSchedulingIgnoredDuringExecution"])
        for preferred in node["preferredDuringSchedulingIgnoredDuringExecution"].items {
            weight(preferred["weight"])
            findings.nodeSelectorTerm(preferred["preference"], checksValues: false)
        }
        for name in ["podAffinity", "podAntiAffinity"] {
            for term in affinity[name]["requiredDuringSchedulingIgnoredDuringExecution"].items { podTerm(term) }
            for weighted in affinity[name]["preferredDuringSchedulingIgnoredDuringExecution"].items {
                weight(weighted["weight"])
                podTerm(weighted["podAffinityTerm"])
            }
        }
    }

    private mutating func weight(_ weight: FieldCursor) {
        let number = weight.integer ?? 0
        if !(1...100).contains(number) {
            findings.invalid(weight.holding(.integer(number)), "must be in the range 1-100")
        }
    }

    private mutating func podTerm(_ term: FieldCursor) {
        findings.labelSelector(term["labelSelector"])
        findings.labelSelector(term["namespaceSelector"])
        for name in term["namespaces"].items {
            findings.invalid(name.placed(at: term["namespace"].path), NameFormats.dns1123Label(name.string))
        }
        for name in ["matchLabelKeys", "mismatchLabelKeys"] { labelKeys(term[name], term["labelSelector"]) }
        let mismatched = Set(term["mismatchLabelKeys"].items.map(\.string))
        for key in term["matchLabelKeys"].items where mismatched.contains(key.string) {
            findings.invalid(key, "exists in both matchLabelKeys and mismatchLabelKeys")
        }
        let key = term["topologyKey"]
        if key.isEmpty { findings.missing(key, "can not be empty") }
        findings.invalid(key.holding(.string(key.string)), NameFormats.qualifiedName(key.string))
    }

    private mutating func labelKeys(_ keys: FieldCursor, _ selector: FieldCursor) {
        guard !keys.isEmpty else { return }
        guard selector.isSet else {
            return findings.forbidden(keys, "must not be specified when labelSelector is not set")
        }
        for key in keys.items { findings.invalid(key, NameFormats.qualifiedName(key.string)) }
    }

    // MARK: - Spreading

    mutating func topologySpread() {
        let list = spec["topologySpreadConstraints"].items
        for (index, constraint) in list.enumerated() {
            let skew = constraint["maxSkew"].integer ?? 0
            if skew <= 0 {
                findings.invalid(constraint["maxSkew"].holding(.integer(skew)), "must be greater than zero")
            }
            findings.require(constraint["topologyKey"], "can not be empty")
            let action = constraint["whenUnsatisfiable"]
            if action.isEmpty { findings.notSupported(action, ["DoNotSchedule", "ScheduleAnyway"]) }
            if list[(index + 1)...].contains(where: { Self.isSameSpread($0, constraint) }) {
                findings.duplicate(
                    constraint["{topologyKey, whenUnsatisfiable}"].holding(
                        .string("{\(constraint["topologyKey"].string), \(action.string)}")))
            }
            minDomains(constraint["minDomains"], action.string)
            matchedKeys(constraint["matchLabelKeys"], constraint["labelSelector"])
            findings.labelSelector(constraint["labelSelector"])
        }
    }

    private static func isSameSpread(_ a: FieldCursor, _ b: FieldCursor) -> Bool {
        ["topologyKey", "whenUnsatisfiable"].allSatisfy { a[$0].string == b[$0].string }
    }

    private mutating func minDomains(_ field: FieldCursor, _ action: String) {
        guard let count = field.integer else { return }
        if count <= 0 { findings.invalid(field, "must be greater than zero") }
        if action != "DoNotSchedule" {
            findings.invalid(field, "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not \(action)")
        }
    }

    private mutating func matchedKeys(_ keys: FieldCursor, _ selector: FieldCursor) {
        labelKeys(keys, selector)
        let selected = Set(selector["matchLabels"].entries.map(\.key))
        for key in keys.items where selected.contains(key.string) {
            findings.invalid(key, "exists in both matchLabelKeys and labelSelector")
        }
    }
}

extension Findings {
    mutating func tolerations(_ list: FieldCursor) {
        for toleration in list.items { self.toleration(toleration) }
    }

    private mutating func toleration(_ toleration: FieldCursor) {
        let (key, name, value) = (toleration["key"], toleration["operator"], toleration["value"])
        if !key.isEmpty { invalid(key, NameFormats.qualifiedName(key.string)) }
        if key.isEmpty, name.string != "Exists" {
            invalid(
                name.holding(.string(name.string)),
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")
        }
        if toleration["tolerationSeconds"].isSet, toleration["effect"].string != "NoExecute" {
            invalid(
                toleration["effect"].holding(.string(toleration["effect"].string)),
                "effect must be 'NoExecute' when `tolerationSeconds` is set")
        }
        // Upstream says of the operator what is wrong with the value.
        let shown = name.holding(.string(value.string))
        switch name.string {
        case "", "Equal": invalid(shown, joined: NameFormats.labelValue(value.string), by: ";")
        case "Exists": if !value.isEmpty { invalid(shown, "value must be empty when `operator` is 'Exists'") }
        case "Lt", "Gt": notSupported(name, ["Equal", "Exists", "Lt", "Gt"])
        default: notSupported(name, ["Equal", "Exists"])
        }
    }

    /// A v1.NodeSelector, when there is one.
    mutating func nodeSelector(_ selector: FieldCursor) {
        guard selector.isSet else { return }
        let terms = selector["nodeSelectorTerms"]
        if terms.isEmpty { missing(terms, "must have at least one node selector term") }
        for term in terms.items { nodeSelectorTerm(term, checksValues: true) }
    }

    mutating func nodeSelectorTerm(_ term: FieldCursor, checksValues: Bool) {
        for expression in term["matchExpressions"].items { nodeExpression(expression, checksValues) }
        for expression in term["matchFields"].items { nodeField(expression) }
    }

    private mutating func nodeExpression(_ expression: FieldCursor, _ checksValues: Bool) {
        let (name, values) = (expression["operator"], expression["values"])
        switch name.string {
        case "In", "NotIn": require(values, "must be specified when `operator` is 'In' or 'NotIn'")
        case "Exists", "DoesNotExist":
            if !values.isEmpty {
                forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            }
        case "Gt", "Lt":
            if values.count != 1 {
                missing(values, "must be specified single value when `operator` is 'Lt' or 'Gt'")
            }
        default: invalid(name.holding(.string(name.string)), "not a valid selector operator")
        }
        let key = expression["key"]
        invalid(key.holding(.string(key.string)), NameFormats.qualifiedName(key.string))
        guard checksValues else { return }
        for value in values.items { invalid(value, NameFormats.labelValue(value.string)) }
    }

    private mutating func nodeField(_ expression: FieldCursor) {
        let (name, key, values) = (expression["operator"], expression["key"], expression["values"])
        switch name.string {
        case "In", "NotIn":
            if values.count != 1 {
                missing(values, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
            }
        default: invalid(name.holding(.string(name.string)), "not a valid selector operator")
        }
        guard key.string == "metadata.name" else {
            return invalid(key.holding(.string(key.string)), "not a valid field selector key")
        }
        for value in values.items { invalid(value, NameFormats.dns1123Subdomain(value.string)) }
    }
}
