import KubeAPI

/// The types whose JSON is not an object with fields; each has its own UnmarshalJSON in Go.
extension JSONNormalizer {
    mutating func typed(_ value: JSONValue, _ type: Int) throws(DecodingRefusal) -> JSONValue {
        let plan = plans.types[type]
        switch plan.form {
        case .object: return try object(value, plan)
        case .raw, .json: return value
        case .list: return try list(value, plan)
        case .time, .microTime: return try time(value, plan.form == .time ? .seconds : .microseconds)
        case .duration: return try duration(value)
        case .quantity: return try quantity(value)
        case .intOrString: return try intOrString(value)
        case .schemaOrBool: return try schemaOrBool(value)
        case .schemaOrArray:
            return try schemaOr(value) { (normalizer, schema) throws(DecodingRefusal) in
                guard let props = normalizer.plans.schemaProps else { return schema }
                let item = try normalizer.typed(schema, props)
                return item.isNull ? normalizer.plans.types[props].zero : item
            }
        case .schemaOrStringArray:
            return try schemaOr(value) { (normalizer, text) throws(DecodingRefusal) in
                let item = try normalizer.value(text, .string)
                return item.isNull ? "" : item
            }
        }
    }

    private mutating func list(_ value: JSONValue, _ plan: TypePlan) throws(DecodingRefusal) -> JSONValue {
        if value.isNull { return .null }
        guard case .array(let values) = value else { throw path.mismatch(value.goName, plan.goType) }
        var result: [JSONValue] = []
        for item in values {
            let item = try self.value(item, .string)
            result.append(item.isNull ? "" : item)
        }
        return .array(result)
    }

    private func text(_ value: JSONValue) throws(DecodingRefusal) -> String {
        guard case .string(let text) = value else {
            throw DecodingRefusal("json: cannot unmarshal \(value.goName) into Go value of type string")
        }
        return text
    }

    private func time(_ value: JSONValue, _ precision: RFC3339.Precision) throws(DecodingRefusal) -> JSONValue {
        if value.isNull { return .null }
        let text = try text(value)
        return try GoTime.canonical(text, precision).map(JSONValue.string) ?? .null
    }

    private func duration(_ value: JSONValue) throws(DecodingRefusal) -> JSONValue {
        if value.isNull { return .null }
        let text = try text(value)
        guard let duration = GoDuration(parsing: text) else {
            throw DecodingRefusal("time: invalid duration \(JSONWriter.text(.string(text)))")
        }
        return .string(duration.description)
    }

    private func quantity(_ value: JSONValue) throws(DecodingRefusal) -> JSONValue {
        switch value {
        case .null: return .null
        case .string(let text): return .string(try canonical(text))
        case .integer(let integer): return .string(try canonical(integer.description))
        case .double(let double): return .string(try canonical(double.description))
        default: throw DecodingRefusal(Quantity.Refusal.format.description)
        }
    }

    private func canonical(_ text: String) throws(DecodingRefusal) -> String {
        do { return try Quantity(parsing: text).text } catch { throw DecodingRefusal(error.description) }
    }

    private func intOrString(_ value: JSONValue) throws(DecodingRefusal) -> JSONValue {
        switch value {
        case .null, .string: return value
        case .integer(let integer):
            guard Int32(exactly: integer) != nil else {
                throw DecodingRefusal("json: cannot unmarshal number \(integer) into Go value of type int32")
            }
            return value
        case .double(let double):
            throw DecodingRefusal("json: cannot unmarshal number \(double) into Go value of type int32")
        default: throw DecodingRefusal("json: cannot unmarshal \(value.goName) into Go value of type int32")
        }
    }

    private mutating func schemaOrBool(_ value: JSONValue) throws(DecodingRefusal) -> JSONValue {
        switch value {
        case .bool, .null: return value
        case .object:
            guard let props = plans.schemaProps else { return value }
            return try separately { (normalizer) throws(DecodingRefusal) in try normalizer.typed(value, props) }
        default: throw DecodingRefusal("boolean or JSON schema expected")
        }
    }

    /// A schema, or an array whose elements `item` reads.
    private mutating func schemaOr(
        _ value: JSONValue, _ item: (inout JSONNormalizer, JSONValue) throws(DecodingRefusal) -> JSONValue
    ) throws(DecodingRefusal) -> JSONValue {
        try separately { (normalizer) throws(DecodingRefusal) in
            switch value {
            case .object:
                guard let props = normalizer.plans.schemaProps else { return value }
                return try normalizer.typed(value, props)
            case .array(let values):
                var result: [JSONValue] = []
                for value in values { result.append(try item(&normalizer, value)) }
                return .array(result)
            default: return .null
            }
        }
    }
}
