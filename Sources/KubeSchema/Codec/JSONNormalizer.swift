import KubeAPI

/// What Go's decoder and encoder would make of a JSON tree, one after the other.
///
/// Unknown fields are left out and found, duplicates found, null is absence, the first value of a wrong type refuses the
/// whole. (sigs.k8s.io/json, with the strict findings' limit of 100.)
struct JSONNormalizer {
    private static let maximumFindings = 100

    let plans: CodecPlans
    private(set) var findings: [String] = []
    private var seen: Set<String> = []
    private var slots: FieldSlots
    var path = StrictPath()
    /// Types with a decoder of their own look for nothing unknown.
    private var isLenient = false

    init(_ plans: CodecPlans, isPartial: Bool = false) {
        self.plans = plans
        slots = FieldSlots(isPartial: isPartial)
    }

    /// null is null: the caller knows what absence means.
    mutating func value(_ value: JSONValue, _ shape: ShapePlan) throws(DecodingRefusal) -> JSONValue {
        switch (shape, value) {
        case (.any, _): return value
        case (.type(let type), _): return try typed(value, type)
        case (_, .null): return .null
        case (.string, .string), (.boolean, .bool), (.int64, .integer), (.number, .integer): return value
        case (.number, .double(let double)): return Int64(exactly: double).map(JSONValue.integer) ?? value
        case (.int32, .integer(let integer)):
            guard Int32(exactly: integer) != nil else { throw path.mismatch("number \(integer)", "int32") }
            return value
        case (.bytes, .string(let text)): return .string(try Base64.canonical(text))
        case (.array(let element), .array(let values)): return try array(values, plans.shapes[element])
        case (.map(let element), .object(let object)): return try map(object, plans.shapes[element])
        case (.int32, .double(let double)), (.int64, .double(let double)):
            throw path.mismatch("number \(double)", plans.goType(shape))
        default: throw path.mismatch(value.goName, plans.goType(shape))
        }
    }

    private mutating func array(_ values: [JSONValue], _ element: ShapePlan) throws(DecodingRefusal) -> JSONValue {
        var result: [JSONValue] = []
        result.reserveCapacity(values.count)
        path.parts.append(.index(0))
        for (index, item) in values.enumerated() {
            path.parts[path.parts.count - 1] = .index(index)
            let item = try value(item, element)
            result.append(item.isNull ? plans.zero(element) : item)
        }
        path.parts.removeLast()
        return .array(result)
    }

    private mutating func map(_ object: JSONObject, _ element: ShapePlan) throws(DecodingRefusal) -> JSONValue {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(object.members.count)
        for member in object.members {
            path.parts.append(.key(member.key))
            let item = try value(member.value, element)
            members.append(JSONObject.Member(member.key, item.isNull ? plans.zero(element) : item))
            path.parts.removeLast()
        }
        var duplicates: [String] = []
        members.sortAsGoMap { duplicates.append($0) }
        for key in duplicates { found("duplicate", key) }
        return .object(JSONObject(members))
    }

    /// The fields of a type of the form `object`.
    mutating func object(_ value: JSONValue, _ plan: TypePlan) throws(DecodingRefusal) -> JSONValue {
        if value.isNull { return .null }
        guard case .object(let object) = value else { throw path.mismatch(value.goName, plan.goType) }
        let base = slots.open(plan)
        var unknown: [JSONObject.Member] = []
        var next = 0
        for member in object.members {
            guard let position = plan.index.position(of: member.key, hint: next) else {
                if plan.preservesUnknownFields { unknown.append(member) } else { found("unknown", member.key) }
                continue
            }
            next = position + 1
            if slots.isSet(base + position) { found("duplicate", member.key) }
            path.parts.append(.field(plan, position))
            slots[base + position] = try self.value(member.value, plan.fields[position].shape)
            path.parts.removeLast()
        }
        return slots.close(plan, at: base, unknown: unknown)
    }

    /// What Go decodes with a decoder of its own begins without a path and finds nothing.
    mutating func separately<Value>(
        _ body: (inout JSONNormalizer) throws(DecodingRefusal) -> Value
    ) throws(DecodingRefusal) -> Value {
        let (outerPath, wasLenient) = (path, isLenient)
        (path, isLenient) = (StrictPath(), true)
        let value = try body(&self)
        (path, isLenient) = (outerPath, wasLenient)
        return value
    }

    /// Each finding is told once.
    private mutating func found(_ what: String, _ field: String) {
        guard !isLenient, findings.count < Self.maximumFindings else { return }
        let finding = "\(what) field \"\(path.text(field))\""
        if seen.insert(finding).inserted { findings.append(finding) }
    }
}

extension JSONValue {
    /// What Go's errors call it.
    public var goName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .integer, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension CodecPlans {
    /// The name of the shape's Go type; that of enumerations is not known, and is `string`.
    func goType(_ shape: ShapePlan) -> String {
        switch shape {
        case .string: "string"
        case .bytes: "[]uint8"
        case .boolean: "bool"
        case .int32: "int32"
        case .int64: "int64"
        case .number: "float64"
        case .any: "interface {}"
        case .type(let type): types[type].goType
        case .array(let element): "[]" + goType(shapes[element])
        case .map(let element):
            if case .type(let type) = shapes[element], types[type].form == .quantity {
                "v1.ResourceList"
            } else {
                "map[string]" + goType(shapes[element])
            }
        }
    }
}
