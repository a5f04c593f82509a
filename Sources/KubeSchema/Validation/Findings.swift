import KubeAPI

/// What a validation has found so far; its methods are the rules that many kinds share, with upstream's words.
struct Findings {
    private(set) var errors: [FieldError] = []

    mutating func add(_ error: FieldError) { errors.append(error) }

    // MARK: - Plain findings

    mutating func invalid(_ field: FieldCursor, _ detail: String) {
        add(FieldError(.invalid, field.path, field.value ?? "", detail))
    }

    /// One finding for each detail.
    mutating func invalid(_ field: FieldCursor, _ details: [String]) {
        for detail in details { invalid(field, detail) }
    }

    /// One finding for all details.
    mutating func invalid(_ field: FieldCursor, joined details: [String], by separator: String = ",") {
        if !details.isEmpty { invalid(field, details.joined(separator: separator)) }
    }

    mutating func forbidden(_ field: FieldCursor, _ detail: String) {
        add(FieldError(.forbidden, field.path, nil, detail))
    }

    mutating func missing(_ field: FieldCursor, _ detail: String = "") {
        add(FieldError(.required, field.path, nil, detail))
    }

    mutating func duplicate(_ field: FieldCursor) { add(FieldError(.duplicate, field.path, field.value)) }

    mutating func tooLong(_ field: FieldCursor, _ limit: Int) {
        add(FieldError(.tooLong, field.path, nil, "may not be more than \(limit) bytes"))
    }

    mutating func tooMany(_ field: FieldCursor, _ limit: Int) {
        let items = limit == 1 ? "item" : "items"
        add(
            FieldError(
                .tooMany, field.path, .integer(Int64(field.count)), "must have at most \(limit) \(items)"))
    }

    // MARK: - Rules

    mutating func require(_ field: FieldCursor, _ detail: String = "") {
        if field.isEmpty { missing(field, detail) }
    }

    /// Of a string that is there and not empty.
    mutating func expect(_ field: FieldCursor, _ format: (String) -> [String]) {
        if !field.string.isEmpty { invalid(field, format(field.string)) }
    }

    mutating func requireFormat(_ field: FieldCursor, _ format: (String) -> [String]) {
        if field.string.isEmpty { missing(field) } else { invalid(field, format(field.string)) }
    }

    /// The values are listed as they are given.
    mutating func expect(_ field: FieldCursor, oneOf values: [String]) {
        guard let value = field.value, let text = value.string, !text.isEmpty, !values.contains(text) else { return }
        notSupported(field, values)
    }

    mutating func notSupported(_ field: FieldCursor, _ values: [String]) {
        let list = values.map { "\"\($0)\"" }.joined(separator: ", ")
        add(FieldError(.notSupported, field.path, field.value ?? "", "supported values: \(list)"))
    }

    mutating func nonNegative(_ field: FieldCursor) { atLeast(field, 0) }

    mutating func atLeast(_ field: FieldCursor, _ limit: Int64) {
        if let number = field.integer, number < limit {
            invalid(field, "must be greater than or equal to \(limit)")
        }
    }

    mutating func within(_ field: FieldCursor, _ range: ClosedRange<Int64>) {
        if let number = field.integer, !range.contains(number) {
            invalid(field, "must be between \(range.lowerBound) and \(range.upperBound), inclusive")
        }
    }

    mutating func port(_ field: FieldCursor) { within(field, 1...65535) }

    /// Of a Service or of Endpoints: ports have names when there are several.
    mutating func servedPort(_ port: FieldCursor, isOnly: Bool) {
        if port["name"].isEmpty {
            if !isOnly { missing(port["name"]) }
        } else {
            invalid(port["name"], NameFormats.dns1123Label(port["name"].string))
        }
        self.port(port["port"].holding(port["port"].value ?? 0))
        require(port["protocol"])
    }

    /// A number, or the name of a port.
    mutating func portOrName(_ field: FieldCursor) {
        if let name = field.value?.string { invalid(field, NameFormats.portName(name)) } else { port(field) }
    }

    mutating func atMost(_ field: FieldCursor, items limit: Int) {
        if field.count > limit { tooMany(field, limit) }
    }

    mutating func atMost(_ field: FieldCursor, bytes limit: Int) {
        if field.string.utf8.count > limit { tooLong(field, limit) }
    }

    /// No two elements have the same `name`.
    mutating func unique(_ fields: [FieldCursor]) {
        var seen: Set<JSONValue> = []
        for field in fields where !field.isEmpty {
            if let value = field.value, !seen.insert(value).inserted { duplicate(field) }
        }
    }

    mutating func immutable(_ field: FieldCursor, _ old: FieldCursor, _ detail: String = "field is immutable") {
        if !(field.value ?? .null).isEquivalent(to: old.value ?? .null) { invalid(field, detail) }
    }

    /// Once it has a value.
    mutating func immutableOnceSet(_ field: FieldCursor, _ old: FieldCursor, _ detail: String = "field is immutable") {
        if !old.isEmpty { immutable(field, old, detail) }
    }

    /// A number of things or a percentage of them.
    mutating func countOrPercent(_ field: FieldCursor, upToAll: Bool = false) {
        guard let text = field.value?.string else { return nonNegative(field) }
        guard text.utf8.last == UInt8(ascii: "%"), let percent = Int64(text.dropLast()), percent >= 0 else {
            return invalid(
                field,
                NameFormats.mismatch(
                    "a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%")
            )
        }
        if upToAll, percent > 100 { invalid(field, "must not be greater than 100%") }
    }

    mutating func labels(_ field: FieldCursor) {
        for (key, value) in field.entries {
            for finding in NameFormats.qualifiedName(key) {
                add(FieldError(.invalid, field.path, .string(key), finding))
            }
            for finding in NameFormats.labelValue(value.string) {
                add(FieldError(.invalid, field.path, .string(value.string), finding))
            }
        }
    }

    /// A metav1.LabelSelector.
    mutating func labelSelector(_ field: FieldCursor) {
        labels(field["matchLabels"])
        for expression in field["matchExpressions"].items {
            let values = expression["values"]
            switch expression["operator"].string {
            case "In", "NotIn": require(values, "must be specified when `operator` is 'In' or 'NotIn'")
            case "Exists", "DoesNotExist":
                if !values.isEmpty {
                    forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
                }
            default: invalid(expression["operator"], "not a valid selector operator")
            }
            invalid(expression["key"], NameFormats.qualifiedName(expression["key"].string))
            for value in values.items { invalid(value, NameFormats.labelValue(value.string)) }
        }
    }

    /// nil when there is none or when it is none, which is reported.
    @discardableResult
    mutating func quantity(_ field: FieldCursor, allowsZero: Bool = true) -> Quantity? {
        let text: String
        switch field.value {
        case nil: return nil
        case .string(let string)?: text = string
        case let value?: text = JSONWriter.text(value)
        }
        guard let quantity = try? Quantity(parsing: text) else {
            invalid(field, Quantity.Refusal.format.description)
            return nil
        }
        if quantity.isNegative || quantity.isZero && !allowsZero {
            invalid(field, allowsZero ? "must be greater than or equal to 0" : "must be greater than zero")
        }
        return quantity
    }
}
