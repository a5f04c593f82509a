import KubeAPI

/// Reads the message of a type into the tree that Go would write as JSON after reading it. Unknown fields are skipped.
struct ProtobufDecoder {
    private static let maximumDepth = 100

    let plans: CodecPlans
    private var slots = FieldSlots()
    private var depth = 0

    init(_ plans: CodecPlans) { self.plans = plans }

    mutating func message(_ bytes: UnsafeBufferPointer<UInt8>, _ type: Int) throws(DecodingRefusal) -> JSONValue {
        do {
            let value = try typed(bytes, type)
            return value.isNull ? plans.types[type].zero : value
        } catch { throw DecodingRefusal(error.rawValue) }
    }

    private mutating func typed(_ bytes: UnsafeBufferPointer<UInt8>, _ type: Int) throws(ProtobufReader.Refusal)
        -> JSONValue
    {
        let plan = plans.types[type]
        guard depth < Self.maximumDepth else { throw .depth }
        depth += 1
        defer { depth -= 1 }
        guard case .object = plan.form else { return try form(bytes, plan) }
        // Zero values are shared: an empty message costs no memory of its own.
        if bytes.isEmpty { return plan.zero }
        let base = slots.open(plan)
        try fields(bytes, plan, plan.wire, base)
        return slots.close(plan, at: base)
    }

    private mutating func fields(
        _ bytes: UnsafeBufferPointer<UInt8>, _ plan: TypePlan, _ wire: WireMessage, _ base: Int
    ) throws(ProtobufReader.Refusal) {
        var reader = ProtobufReader(bytes)
        var next = 0
        while !reader.isAtEnd {
            let (number, wireType) = try reader.tag()
            guard let index = wire.entry(number, hint: next) else {
                try reader.skip(wireType)
                continue
            }
            next = index + 1
            switch wire.entries[index].content {
            case .inlined(let inner):
                guard wireType == 2 else { throw .wireType }
                try fields(try reader.bytes(), plan, inner, base)
            case .field(let position):
                try field(&reader, number, wireType, plan.fields[position].shape, at: base + position)
            }
        }
    }

    private mutating func field(
        _ reader: inout ProtobufReader, _ number: Int, _ wireType: Int, _ shape: ShapePlan, at slot: Int
    ) throws(ProtobufReader.Refusal) {
        switch shape {
        case .array(let element):
            var values: [JSONValue] = []
            if case .array(let earlier) = slots.take(slot) { values = earlier }
            try elements(&reader, number, wireType, plans.shapes[element], into: &values)
            slots[slot] = .array(values)
        case .map(let element):
            var members: [JSONObject.Member] = []
            if case .object(let earlier) = slots.take(slot) { members = earlier.members }
            repeat {
                guard wireType == 2 else { throw .wireType }
                members.append(try mapEntry(try reader.bytes(), plans.shapes[element]))
            } while reader.takesTag(number, wireType)
            members.sortAsGoMap()
            slots[slot] = .object(JSONObject(members))
        default: slots[slot] = try single(&reader, wireType, shape)
        }
    }

    /// One element, or several when they are packed, and those that follow at once.
    private mutating func elements(
        _ reader: inout ProtobufReader, _ number: Int, _ wireType: Int, _ shape: ShapePlan,
        into values: inout [JSONValue]
    ) throws(ProtobufReader.Refusal) {
        repeat {
            if wireType == 2, let packed = shape.packedWireType {
                var inner = ProtobufReader(try reader.bytes())
                while !inner.isAtEnd { values.append(try single(&inner, packed, shape)) }
            } else {
                let value = try single(&reader, wireType, shape)
                values.append(value.isNull ? plans.zero(shape) : value)
            }
        } while reader.takesTag(number, wireType)
    }

    private mutating func mapEntry(
        _ bytes: UnsafeBufferPointer<UInt8>, _ shape: ShapePlan
    ) throws(ProtobufReader.Refusal) -> JSONObject.Member {
        var reader = ProtobufReader(bytes)
        var member = JSONObject.Member("", plans.zero(shape))
        while !reader.isAtEnd {
            let (number, wireType) = try reader.tag()
            switch number {
            case 1: member.key = try single(&reader, wireType, .string).string ?? ""
            case 2: member.value = try single(&reader, wireType, shape)
            default: try reader.skip(wireType)
            }
        }
        if member.value.isNull { member.value = plans.zero(shape) }
        return member
    }

    private mutating func single(
        _ reader: inout ProtobufReader, _ wireType: Int, _ shape: ShapePlan
    ) throws(ProtobufReader.Refusal) -> JSONValue {
        switch (shape, wireType) {
        case (.string, 2): .string(String(decoding: try reader.bytes(), as: UTF8.self))
        case (.bytes, 2): .string(Base64.encode(try reader.bytes()))
        case (.boolean, 0): .bool(try reader.varint() != 0)
        case (.int32, 0): .integer(Int64(Int32(truncatingIfNeeded: try reader.varint())))
        case (.int64, 0): .integer(Int64(bitPattern: try reader.varint()))
        case (.number, 1): JSONValue(number: Double(bitPattern: try reader.fixed(8)))
        case (.type(let type), 2): try typed(try reader.bytes(), type)
        default: throw .wireType
        }
    }
}

extension ProtobufDecoder {
    /// The messages of types whose JSON is not an object with fields.
    private mutating func form(
        _ bytes: UnsafeBufferPointer<UInt8>, _ plan: TypePlan
    ) throws(ProtobufReader.Refusal) -> JSONValue {
        switch plan.form {
        case .object: return plan.zero
        case .time, .microTime: return try time(bytes, plan.form == .time ? .seconds : .microseconds)
        case .duration:
            return .string(GoDuration(nanoseconds: try Scalars(bytes).integer(1)).description)
        case .quantity: return quantity(try Scalars(bytes).text(1))
        case .intOrString:
            let scalars = try Scalars(bytes)
            return scalars.integer(1) == 0
                ? .integer(Int64(Int32(truncatingIfNeeded: scalars.integer(2)))) : .string(scalars.text(3))
        case .raw, .json: return raw(try Scalars(bytes).bytes[1])
        case .list: return .array(try repeated(bytes, 1, .string))
        case .schemaOrBool:
            if let schema = try schema(bytes, 2) { return schema }
            return .bool(try Scalars(bytes).integer(1) != 0)
        case .schemaOrArray, .schemaOrStringArray:
            if let schema = try schema(bytes, 1) { return schema }
            guard plan.form == .schemaOrArray else { return .array(try repeated(bytes, 2, .string)) }
            return .array(
                try plans.schemaProps.map { (type) throws(ProtobufReader.Refusal) in
                    try repeated(bytes, 2, .type(type))
                } ?? [])
        }
    }

    private func time(
        _ bytes: UnsafeBufferPointer<UInt8>, _ precision: RFC3339.Precision
    ) throws(ProtobufReader.Refusal) -> JSONValue {
        guard !bytes.isEmpty else { return .null }
        let scalars = try Scalars(bytes)
        let seconds = scalars.integer(1)
        let nanoseconds = Int64(min(UInt64(bitPattern: scalars.integer(2)), 999_999_999))
        if seconds == GoTime.zeroSeconds, precision == .seconds || nanoseconds == 0 { return .null }
        return .string(RFC3339.text(seconds: seconds, nanoseconds: nanoseconds, precision))
    }

    /// Upstream reads an empty text as zero.
    private func quantity(_ text: String) -> JSONValue {
        .string(text.isEmpty ? "0" : (try? Quantity(parsing: text).text) ?? text)
    }

    /// JSON, or an object in an envelope of its own; null for what is neither.
    private func raw(_ bytes: UnsafeBufferPointer<UInt8>?) -> JSONValue {
        guard let bytes, !bytes.isEmpty else { return .null }
        if ProtobufEnvelope.isEnvelope(bytes), depth < 3 {
            return (try? ProtobufEnvelope.object(in: bytes)) ?? .null
        }
        return (try? JSONParser.parse(bytes)) ?? .null
    }

    private mutating func schema(
        _ bytes: UnsafeBufferPointer<UInt8>, _ number: Int
    ) throws(ProtobufReader.Refusal) -> JSONValue? {
        guard let type = plans.schemaProps else { return nil }
        return try repeated(bytes, number, .type(type)).last
    }

    private mutating func repeated(
        _ bytes: UnsafeBufferPointer<UInt8>, _ number: Int, _ shape: ShapePlan
    ) throws(ProtobufReader.Refusal) -> [JSONValue] {
        var reader = ProtobufReader(bytes)
        var values: [JSONValue] = []
        while !reader.isAtEnd {
            let tag = try reader.tag()
            if tag.number == number {
                values.append(try single(&reader, tag.wireType, shape))
            } else {
                try reader.skip(tag.wireType)
            }
        }
        return values
    }
}

/// The fields 1 to 4 of a small message.
struct Scalars {
    private(set) var integers: [Int64] = [0, 0, 0, 0, 0]
    private(set) var bytes: [UnsafeBufferPointer<UInt8>?] = [nil, nil, nil, nil, nil]

    init(_ message: UnsafeBufferPointer<UInt8>) throws(ProtobufReader.Refusal) {
        var reader = ProtobufReader(message)
        while !reader.isAtEnd {
            let (number, wireType) = try reader.tag()
            switch wireType {
            case 0 where number < 5: integers[number] = Int64(bitPattern: try reader.varint())
            case 2 where number < 5: bytes[number] = try reader.bytes()
            default: try reader.skip(wireType)
            }
        }
    }

    func integer(_ number: Int) -> Int64 { integers[number] }

    func text(_ number: Int) -> String { bytes[number].map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

extension ShapePlan {
    /// The wire type of one element when they may be packed.
    fileprivate var packedWireType: Int? {
        switch self {
        case .boolean, .int32, .int64: 0
        case .number: 1
        default: nil
        }
    }
}

extension JSONValue {
    /// Whole numbers are integers, as the parser reads them; what JSON has no number for is null.
    fileprivate init(number: Double) {
        self = Int64(exactly: number).map(JSONValue.integer) ?? (number.isFinite ? .double(number) : .null)
    }
}
