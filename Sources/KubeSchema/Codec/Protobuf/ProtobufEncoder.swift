import KubeAPI

/// Writes a tree as the message of its type, byte for byte what gogo/protobuf writes for the Go object: values that are no
/// pointers always, pointers when they are there, maps in the order of their keys.
struct ProtobufEncoder: ~Copyable {
    let plans: CodecPlans
    var output = ProtobufWriter()
    /// For each object that is open, which member fills which field; -1 for none.
    private var members: [Int32] = []

    init(_ plans: CodecPlans) { self.plans = plans }

    /// The content of a message, without tag and length. A value that does not fit is the zero value.
    mutating func message(_ value: JSONValue, _ type: Int) {
        let plan = plans.types[type]
        guard case .object = plan.form else { return form(value, plan) }
        guard case .object(let object) = value else { return zeros(plan, plan.wire) }
        let base = members.count
        members.append(contentsOf: repeatElement(-1, count: plan.fields.count))
        var next = 0
        for (offset, member) in object.members.enumerated() {
            guard let position = plan.index.position(of: member.key, hint: next) else { continue }
            next = position + 1
            members[base + position] = Int32(offset)
        }
        fields(object.members, plan, plan.wire, base)
        members.removeLast(members.count - base)
    }

    private mutating func fields(_ values: [JSONObject.Member], _ plan: TypePlan, _ wire: WireMessage, _ base: Int) {
        for entry in wire.entries.reversed() {
            switch entry.content {
            case .inlined(let inner):
                let end = output.count
                fields(values, plan, inner, base)
                output.closeField(entry.number, from: end)
            case .field(let position):
                let offset = members[base + position]
                if offset >= 0, !values[Int(offset)].value.isNull {
                    field(entry.number, values[Int(offset)].value, plan.fields[position].shape)
                } else if !plan.fields[position].isPointer {
                    zero(entry.number, plan.fields[position].shape)
                }
            }
        }
    }

    private mutating func field(_ number: Int, _ value: JSONValue, _ shape: ShapePlan) {
        switch shape {
        case .string: output.field(number, value.string ?? "")
        case .bytes: output.field(number, value.string.flatMap { try? Base64.decode($0) } ?? [])
        case .boolean: output.field(number, varint: value.bool == true ? 1 : 0)
        case .int32, .int64: output.field(number, varint: UInt64(bitPattern: value.integer ?? 0))
        case .number:
            output.fixed64(value.number.bitPattern)
            output.tag(number, 1)
        case .any: break
        case .type(let type):
            let end = output.count
            message(value, type)
            output.closeField(number, from: end)
        case .array(let element):
            for item in (value.array ?? []).reversed() { field(number, item, plans.shapes[element]) }
        case .map(let element):
            guard case .object(var object) = value else { return }
            object.members.sortAsGoMap()
            for member in object.members.reversed() {
                let end = output.count
                field(2, member.value, plans.shapes[element])
                output.field(1, member.key)
                output.closeField(number, from: end)
            }
        }
    }

    /// A field that is no pointer and is absent.
    private mutating func zero(_ number: Int, _ shape: ShapePlan) {
        switch shape {
        case .string, .boolean, .int32, .int64, .number: field(number, .null, shape)
        case .type(let type) where plans.types[type].form != .list: field(number, .null, shape)
        case .bytes, .any, .array, .map, .type: break
        }
    }

    private mutating func zeros(_ plan: TypePlan, _ wire: WireMessage) {
        for entry in wire.entries.reversed() {
            switch entry.content {
            case .inlined(let inner):
                let end = output.count
                zeros(plan, inner)
                output.closeField(entry.number, from: end)
            case .field(let position):
                if !plan.fields[position].isPointer { zero(entry.number, plan.fields[position].shape) }
            }
        }
    }
}

extension ProtobufEncoder {
    /// The messages of types whose JSON is not an object with fields.
    private mutating func form(_ value: JSONValue, _ plan: TypePlan) {
        switch plan.form {
        case .object: break
        case .time, .microTime: time(value, plan.form)
        case .duration:
            output.field(
                1, varint: UInt64(bitPattern: value.string.flatMap(GoDuration.init(parsing:))?.nanoseconds ?? 0))
        case .quantity: output.field(1, value.string ?? "0")
        case .intOrString: intOrString(value)
        case .raw, .json: if !value.isNull { output.field(1, JSONWriter.bytes(value)) }
        case .list: for item in (value.array ?? []).reversed() { output.field(1, item.string ?? "") }
        case .schemaOrBool:
            if case .object = value { schema(2, value) }
            let allows = if case .object = value { true } else { value.bool == true }
            output.field(1, varint: allows ? 1 : 0)
        case .schemaOrArray:
            for item in (value.array ?? []).reversed() { schema(2, item) }
            if case .object = value { schema(1, value) }
        case .schemaOrStringArray:
            for item in (value.array ?? []).reversed() { output.field(2, item.string ?? "") }
            if case .object = value { schema(1, value) }
        }
    }

    /// The zero time is an empty message.
    private mutating func time(_ value: JSONValue, _ form: TypeDefinition.Form) {
        guard let text = value.string, let instant = RFC3339.instant(text) else { return }
        output.field(2, varint: form == .time ? 0 : UInt64(instant.nanoseconds / 1000 * 1000))
        output.field(1, varint: UInt64(bitPattern: instant.seconds))
    }

    private mutating func intOrString(_ value: JSONValue) {
        output.field(3, value.string ?? "")
        output.field(2, varint: UInt64(bitPattern: value.integer ?? 0))
        output.field(1, varint: value.string == nil ? 0 : 1)
    }

    private mutating func schema(_ number: Int, _ value: JSONValue) {
        guard let props = plans.schemaProps else { return }
        field(number, value, .type(props))
    }
}

extension JSONValue {
    /// 0 for what is no number.
    fileprivate var number: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        default: 0
        }
    }
}
