import KubeAPI

/// The plans of a schema's types; the indices are those of `TypeReference`.
struct CodecPlans: Sendable {
    let types: [TypePlan]
    let shapes: [ShapePlan]
    /// The type of CustomResourceDefinition schemas, which the schemaOr… forms hold.
    let schemaProps: Int?

    init(_ types: [TypeDefinition]) {
        var builder = Builder(types: types)
        self.types = types.indices.map { builder.plan($0) }
        shapes = builder.shapes
        schemaProps = types.firstIndex { $0.name.hasSuffix(".JSONSchemaProps") }
    }

    /// What Go's zero value of a shape looks like in JSON.
    func zero(_ shape: ShapePlan) -> JSONValue {
        switch shape {
        case .string: ""
        case .boolean: false
        case .int32, .int64, .number: 0
        case .type(let type): types[type].zero
        case .bytes, .any, .array, .map: .null
        }
    }
}

private struct Builder {
    let types: [TypeDefinition]
    var shapes: [ShapePlan] = []
    private var shapeIndex: [FieldShape: Int] = [:]
    private var zeros: [JSONValue?]

    init(types: [TypeDefinition]) {
        self.types = types
        zeros = Array(repeating: nil, count: types.count)
    }

    mutating func plan(_ index: Int) -> TypePlan {
        let type = types[index]
        let fields = type.fields.map { field in
            FieldPlan(
                name: field.name, shape: shape(field.shape), presence: presence(field), isPointer: field.isPointer,
                isNullable: field.isNullable, zero: zero(field.shape, depth: 0))
        }
        return TypePlan(type, fields: fields, zero: zero(index, depth: 0))
    }

    private mutating func shape(_ shape: FieldShape) -> ShapePlan {
        switch shape {
        case .string: .string
        case .bytes: .bytes
        case .boolean: .boolean
        case .int32: .int32
        case .int64: .int64
        case .number: .number
        case .any: .any
        case .type(let reference): types.indices.contains(reference.index) ? .type(reference.index) : .any
        case .array(let element): .array(register(element))
        case .map(let element): .map(register(element))
        }
    }

    private mutating func register(_ element: FieldShape) -> Int {
        if let known = shapeIndex[element] { return known }
        let plan = shape(element)
        shapes.append(plan)
        shapeIndex[element] = shapes.count - 1
        return shapes.count - 1
    }

    private func presence(_ field: FieldDefinition) -> FieldPlan.Presence {
        if field.isPointer { return field.emission == .always ? .nullWhenAbsent : .whenPresent }
        var isStruct = false
        if case .type(let reference) = field.shape, types.indices.contains(reference.index) {
            isStruct = types[reference.index].form != .list
        }
        switch field.emission {
        case .always: return .zeroWhenAbsent
        case .omitEmpty: return isStruct ? .zeroWhenAbsent : .unlessEmpty
        case .omitZero: return isStruct ? .whenPresent : .unlessEmpty
        }
    }

    private mutating func zero(_ shape: FieldShape, depth: Int) -> JSONValue {
        switch shape {
        case .string: ""
        case .boolean: false
        case .int32, .int64, .number: 0
        case .type(let reference):
            types.indices.contains(reference.index) ? zero(reference.index, depth: depth + 1) : .null
        case .bytes, .any, .array, .map: .null
        }
    }

    /// Go's structs cannot hold themselves; `depth` is for schemas from elsewhere that do.
    private mutating func zero(_ index: Int, depth: Int) -> JSONValue {
        if let known = zeros[index] { return known }
        let value: JSONValue
        switch types[index].form {
        case .object where depth < 20:
            var members: [JSONObject.Member] = []
            for field in types[index].fields {
                switch presence(field) {
                case .nullWhenAbsent: members.append(.init(field.name, .null))
                case .zeroWhenAbsent: members.append(.init(field.name, zero(field.shape, depth: depth)))
                case .whenPresent, .unlessEmpty: break
                }
            }
            value = .object(JSONObject(members))
        case .quantity: value = "0"
        case .duration: value = "0s"
        case .intOrString: value = 0
        case .schemaOrBool: value = false
        default: value = .null
        }
        zeros[index] = value
        return value
    }
}
