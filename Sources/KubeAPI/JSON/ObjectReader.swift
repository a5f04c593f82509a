/// Takes the fields of a JSON object by name and type. `null` counts as absent, as in Kubernetes.
///
/// With `collectsUnknown`, `unknownFields` then names every field, here and below, that nobody asked for.
public struct ObjectReader {
    private let object: JSONObject
    private let collectsUnknown: Bool
    /// Bit per member; the few objects with more than 64 use `takenKeys`.
    private var taken: UInt64 = 0
    private var takenKeys: Set<String> = []
    private var unknownBelow: [String] = []

    public init(_ object: JSONObject, collectsUnknown: Bool = false) {
        self.object = object
        self.collectsUnknown = collectsUnknown
    }

    /// Fails unless `value` is an object.
    public init(_ value: JSONValue, collectsUnknown: Bool = false) throws(DecodingFailure) {
        guard case .object(let object) = value else {
            throw DecodingFailure("", "must be an object, got \(value.typeName)")
        }
        self.init(object, collectsUnknown: collectsUnknown)
    }

    /// The field as it stands; nil when absent or null.
    public mutating func value(_ key: String) -> JSONValue? {
        guard let index = object.index(of: key) else { return nil }
        if collectsUnknown {
            if index < 64 { taken |= 1 << UInt64(index) } else { takenKeys.insert(key) }
        }
        let value = object.members[index].value
        if case .null = value { return nil }
        return value
    }

    // MARK: - Scalars

    public mutating func string(_ key: String) throws(DecodingFailure) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let string) = value else { throw .wrongType(key, "a string", value) }
        return string
    }

    /// A string that must be there and not be empty.
    public mutating func requiredString(_ key: String) throws(DecodingFailure) -> String {
        guard let string = try string(key), !string.isEmpty else { throw DecodingFailure(key, "required") }
        return string
    }

    public mutating func bool(_ key: String) throws(DecodingFailure) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let bool) = value else { throw .wrongType(key, "a boolean", value) }
        return bool
    }

    public mutating func double(_ key: String) throws(DecodingFailure) -> Double? {
        switch value(key) {
        case nil: return nil
        case .integer(let integer): return Double(integer)
        case .double(let double): return double
        case let value?: throw .wrongType(key, "a number", value)
        }
    }

    public mutating func integer<Value: FixedWidthInteger>(
        _ key: String, in range: ClosedRange<Value> = Value.min...Value.max
    ) throws(DecodingFailure) -> Value? {
        guard let value = value(key) else { return nil }
        guard case .integer(let integer) = value else { throw .wrongType(key, "an integer", value) }
        guard let number = Value(exactly: integer), range.contains(number) else {
            throw DecodingFailure(
                key, "must be between \(range.lowerBound) and \(range.upperBound), got \(integer)")
        }
        return number
    }

    /// One of a closed set of strings. The empty string counts as absent.
    public mutating func choice<Value>(
        _ key: String, of type: Value.Type = Value.self
    ) throws(DecodingFailure) -> Value? where Value: RawRepresentable<String> & CaseIterable {
        guard let string = try string(key), !string.isEmpty else { return nil }
        guard let value = Value(rawValue: string) else {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingFailure(key, "must be one of \(names), got \"\(string)\"")
        }
        return value
    }

    /// A string that `make` understands; `what` completes "must be …".
    public mutating func parsed<Value>(
        _ key: String, _ what: String, _ make: (String) -> Value?
    ) throws(DecodingFailure) -> Value? {
        guard let string = try string(key), !string.isEmpty else { return nil }
        guard let value = make(string) else { throw DecodingFailure(key, "must be \(what), got \"\(string)\"") }
        return value
    }

    // MARK: - Containers

    public mutating func object<Value>(
        _ key: String, _ body: (inout ObjectReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> Value? {
        guard let value = value(key) else { return nil }
        do {
            return try read(value, as: key, body)
        } catch {
            throw error.under(key)
        }
    }

    /// The elements of an array of objects; empty when absent.
    public mutating func objects<Value>(
        _ key: String, _ body: (inout ObjectReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> [Value] {
        guard let elements = try array(key) else { return [] }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do {
                values.append(try read(element, as: "\(key)[\(index)]", body))
            } catch {
                throw error.under(index: index).under(key)
            }
        }
        return values
    }

    /// The elements of an array of strings that `make` understands; empty when absent.
    public mutating func strings<Value>(
        _ key: String, _ what: String, _ make: (String) -> Value?
    ) throws(DecodingFailure) -> [Value] {
        guard let elements = try array(key) else { return [] }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let string) = element else { throw .wrongType("\(key)[\(index)]", "a string", element) }
            guard let value = make(string) else {
                throw DecodingFailure("\(key)[\(index)]", "must be \(what), got \"\(string)\"")
            }
            values.append(value)
        }
        return values
    }

    public mutating func strings(_ key: String) throws(DecodingFailure) -> [String] {
        try strings(key, "a string") { $0 }
    }

    /// An object whose values are all strings; empty when absent.
    public mutating func stringMap(
        _ key: String, except left: String? = nil
    ) throws(DecodingFailure) -> [String: String] {
        guard let value = value(key) else { return [:] }
        guard case .object(let object) = value else { throw .wrongType(key, "an object", value) }
        var map = [String: String](minimumCapacity: object.members.count)
        for member in object.members where member.key != left {
            guard case .string(let string) = member.value else {
                throw .wrongType("\(key)[\(member.key)]", "a string", member.value)
            }
            map[member.key] = string
        }
        return map
    }

    private mutating func array(_ key: String) throws(DecodingFailure) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard case .array(let array) = value else { throw .wrongType(key, "an array", value) }
        return array
    }

    private mutating func read<Value>(
        _ value: JSONValue, as name: @autoclosure () -> String,
        _ body: (inout ObjectReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> Value {
        var reader = try ObjectReader(value, collectsUnknown: collectsUnknown)
        let result = try body(&reader)
        if collectsUnknown {
            let name = name()
            unknownBelow += reader.unknownFields.map { FieldPath.joined(name, $0) }
        }
        return result
    }

    // MARK: - What is left

    /// The paths of fields, here and below, that were not taken, and of those given twice; in the order of the text,
    /// those of nested objects last. Empty without `collectsUnknown`.
    public var unknownFields: [String] {
        guard collectsUnknown else { return [] }
        let own = object.members.indices.filter { index in
            index < 64 ? taken & (1 << UInt64(index)) == 0 : !takenKeys.contains(object.members[index].key)
        }
        return own.map { object.members[$0].key } + unknownBelow
    }
}

extension DecodingFailure {
    static func wrongType(_ path: String, _ expected: String, _ value: JSONValue) -> DecodingFailure {
        DecodingFailure(path, "must be \(expected), got \(value.typeName)")
    }
}
