import KubeAPI

/// A message of gnostic's openapi.v2 (OpenAPIv2.proto): Swagger 2.0 in protobuf. Zero values are left out, as in proto3.
struct GnosticMessage {
    private(set) var bytes: [UInt8] = []

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func text(_ number: Int, _ text: String) {
        guard !text.isEmpty else { return }
        varint(UInt64(number) << 3 | 2)
        varint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func flag(_ number: Int, _ value: JSONValue?) {
        guard value?.bool == true else { return }
        varint(UInt64(number) << 3)
        varint(1)
    }

    mutating func integer(_ number: Int, _ value: JSONValue?) {
        guard let integer = value?.integer, integer != 0 else { return }
        varint(UInt64(number) << 3)
        varint(UInt64(bitPattern: integer))
    }

    mutating func number(_ number: Int, _ value: JSONValue?) {
        let double: Double
        switch value {
        case .integer(let integer): double = Double(integer)
        case .double(let value): double = value
        default: return
        }
        varint(UInt64(number) << 3 | 1)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: double.bitPattern >> UInt64(shift * 8))) }
    }

    mutating func message(_ number: Int, _ message: GnosticMessage) {
        varint(UInt64(number) << 3 | 2)
        varint(UInt64(message.bytes.count))
        bytes.append(contentsOf: message.bytes)
    }

    /// A pair of a name and a message.
    mutating func named(_ number: Int, _ name: String, _ value: GnosticMessage) {
        var pair = GnosticMessage()
        pair.text(1, name)
        pair.message(2, value)
        message(number, pair)
    }

    mutating func texts(_ number: Int, _ value: JSONValue?) {
        for text in value?.array ?? [] { self.text(number, text.string ?? "") }
    }

    /// The members whose names begin with `x-`.
    mutating func extensions(_ number: Int, _ value: JSONValue) {
        for member in value.members where member.key.hasPrefix("x-") { named(number, member.key, .any(member.value)) }
    }
}

extension GnosticMessage {
    static func info(title: String, version: String) -> GnosticMessage {
        var info = GnosticMessage()
        info.text(1, title)
        info.text(2, version)
        return info
    }

    /// Any holds YAML; JSON is YAML.
    static func any(_ value: JSONValue) -> GnosticMessage {
        var any = GnosticMessage()
        any.text(2, JSONWriter.text(value) + "\n")
        return any
    }

    static func pathItem(_ value: JSONValue) -> GnosticMessage {
        var item = GnosticMessage()
        for (number, method) in [(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")] {
            if let operation = value[method] { item.message(number, .operation(operation)) }
        }
        for parameter in value["parameters"]?.array ?? [] { item.message(9, .parametersItem(parameter)) }
        return item
    }

    private static func operation(_ value: JSONValue) -> GnosticMessage {
        var operation = GnosticMessage()
        operation.texts(1, value["tags"])
        operation.text(5, value["operationId"]?.string ?? "")
        operation.texts(6, value["produces"])
        operation.texts(7, value["consumes"])
        for parameter in value["parameters"]?.array ?? [] { operation.message(8, .parametersItem(parameter)) }
        var responses = GnosticMessage()
        for member in value["responses"]?.members ?? [] { responses.named(1, member.key, .response(member.value)) }
        operation.message(9, responses)
        operation.texts(10, value["schemes"])
        operation.extensions(13, value)
        return operation
    }

    /// ResponseValue with a Response in it.
    private static func response(_ value: JSONValue) -> GnosticMessage {
        var response = GnosticMessage()
        response.text(1, value["description"]?.string ?? "")
        if let schema = value["schema"] { response.message(2, wrapped(1, .schema(schema))) }
        return wrapped(1, response)
    }

    /// ParametersItem with a Parameter in it, which is of the body, the path or the query.
    private static func parametersItem(_ value: JSONValue) -> GnosticMessage {
        var parameter = GnosticMessage()
        let name = value["name"]?.string ?? ""
        let place = value["in"]?.string ?? ""
        if place == "body" {
            parameter.text(2, name)
            parameter.text(3, place)
            parameter.flag(4, value["required"])
            parameter.message(5, .schema(value["schema"] ?? .emptyObject))
            return wrapped(1, wrapped(1, parameter))
        }
        parameter.flag(1, value["required"])
        parameter.text(2, place)
        parameter.text(4, name)
        // The query's has one more field, which moves those behind it.
        let isQuery = place == "query"
        parameter.text(isQuery ? 6 : 5, value["type"]?.string ?? "")
        parameter.flag(isQuery ? 20 : 19, value["uniqueItems"])
        return wrapped(1, wrapped(2, wrapped(isQuery ? 3 : 4, parameter)))
    }

    private static func wrapped(_ number: Int, _ message: GnosticMessage) -> GnosticMessage {
        var outer = GnosticMessage()
        outer.message(number, message)
        return outer
    }

    static func schema(_ value: JSONValue) -> GnosticMessage {
        var schema = GnosticMessage()
        schema.text(1, value["$ref"]?.string ?? "")
        schema.text(2, value["format"]?.string ?? "")
        schema.text(3, value["title"]?.string ?? "")
        schema.text(4, value["description"]?.string ?? "")
        if let value = value["default"] { schema.message(5, .any(value)) }
        schema.bounds(value)
        schema.texts(19, value["required"])
        for value in value["enum"]?.array ?? [] { schema.message(20, .any(value)) }
        switch value["additionalProperties"] {
        case .bool(let allowed)?:
            var item = GnosticMessage()
            item.flag(2, .bool(allowed))
            schema.message(21, item)
        case let value?: schema.message(21, wrapped(1, .schema(value)))
        case nil: break
        }
        if let type = value["type"]?.string {
            var item = GnosticMessage()
            item.text(1, type)
            schema.message(22, item)
        }
        if let items = value["items"] { schema.message(23, wrapped(1, .schema(items))) }
        for value in value["allOf"]?.array ?? [] { schema.message(24, .schema(value)) }
        if let properties = value["properties"] {
            var message = GnosticMessage()
            for member in properties.members { message.named(1, member.key, .schema(member.value)) }
            schema.message(25, message)
        }
        schema.extensions(31, value)
        return schema
    }

    private mutating func bounds(_ value: JSONValue) {
        number(6, value["multipleOf"])
        number(7, value["maximum"])
        flag(8, value["exclusiveMaximum"])
        number(9, value["minimum"])
        flag(10, value["exclusiveMinimum"])
        integer(11, value["maxLength"])
        integer(12, value["minLength"])
        text(13, value["pattern"]?.string ?? "")
        integer(14, value["maxItems"])
        integer(15, value["minItems"])
        flag(16, value["uniqueItems"])
        integer(17, value["maxProperties"])
        integer(18, value["minProperties"])
    }
}
