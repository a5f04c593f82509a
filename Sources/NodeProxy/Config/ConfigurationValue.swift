import KubeAPI

/// The type of a configuration field: how files and flags write it.
protocol ConfigurationValue: Sendable, Equatable {
    /// Errors carry no path.
    init(json: JSONValue) throws(DecodingFailure)
    init(flag text: String) throws(DecodingFailure)
    var json: JSONValue { get }
    /// As Go's help has it.
    static var typeName: String { get }
}

extension DecodingFailure {
    static func mustBe(_ what: String, _ value: JSONValue) -> DecodingFailure {
        let got = value.string.map { "\"\($0)\"" } ?? value.integer?.description ?? value.typeName
        return DecodingFailure("", "must be \(what), got \(got)")
    }
}

extension String: ConfigurationValue {
    static var typeName: String { "string" }

    init(json: JSONValue) throws(DecodingFailure) {
        guard let text = json.string else { throw .mustBe("a string", json) }
        self = text
    }

    init(flag text: String) throws(DecodingFailure) { self = text }
    var json: JSONValue { .string(self) }
}

extension Bool: ConfigurationValue {
    static var typeName: String { "bool" }

    init(json: JSONValue) throws(DecodingFailure) {
        guard case .bool(let bool) = json else { throw .mustBe("true or false", json) }
        self = bool
    }

    /// The spellings that Go's `strconv.ParseBool` knows.
    init(flag text: String) throws(DecodingFailure) {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": self = true
        case "0", "f", "F", "false", "FALSE", "False": self = false
        default: throw .mustBe("true or false", .string(text))
        }
    }

    var json: JSONValue { .bool(self) }
}

extension ConfigurationValue where Self: FixedWidthInteger {
    init(json: JSONValue) throws(DecodingFailure) {
        guard let integer = json.integer, let value = Self(exactly: integer) else {
            throw .mustBe("an integer between \(Self.min) and \(Self.max)", json)
        }
        self = value
    }

    init(flag text: String) throws(DecodingFailure) {
        guard let value = Self(text) else {
            throw .mustBe("an integer between \(Self.min) and \(Self.max)", .string(text))
        }
        self = value
    }

    var json: JSONValue { .integer(Int64(clamping: self)) }
}

extension Int32: ConfigurationValue {
    static var typeName: String { "int32" }
}

extension UInt32: ConfigurationValue {
    static var typeName: String { "uint32" }
}

extension Float: ConfigurationValue {
    static var typeName: String { "float32" }

    init(json: JSONValue) throws(DecodingFailure) {
        switch json {
        case .integer(let integer): self = Float(integer)
        case .double(let double): self = Float(double)
        default: throw .mustBe("a number", json)
        }
    }

    init(flag text: String) throws(DecodingFailure) {
        guard let value = Float(text), value.isFinite else { throw .mustBe("a number", .string(text)) }
        self = value
    }

    var json: JSONValue {
        if let integer = Int64(exactly: self) { return .integer(integer) }
        // The shortest decimal that reads back as this number; widening its bits would add digits.
        return .double(Double(description) ?? Double(self))
    }
}

extension GoDuration: ConfigurationValue {
    static var typeName: String { "duration" }

    init(json: JSONValue) throws(DecodingFailure) {
        guard let duration = json.string.flatMap(GoDuration.init) else { throw .mustBe(Self.example, json) }
        self = duration
    }

    init(flag text: String) throws(DecodingFailure) { try self.init(json: .string(text)) }
    var json: JSONValue { .string(description) }

    static let example = "a duration such as 30s or 1h5m"
}

extension FlushFrequency: ConfigurationValue {
    static var typeName: String { "duration" }

    init(json: JSONValue) throws(DecodingFailure) {
        if let nanoseconds = json.integer {
            self.init(duration: GoDuration(nanoseconds: nanoseconds))
        } else {
            self.init(duration: try GoDuration(json: json))
        }
    }

    init(flag text: String) throws(DecodingFailure) { self.init(duration: try GoDuration(flag: text)) }
    var json: JSONValue { duration.json }
}

extension ByteQuantity: ConfigurationValue {
    static var typeName: String { "quantity" }

    init(json: JSONValue) throws(DecodingFailure) {
        let quantity = ByteQuantity(text: json.string ?? json.integer?.description ?? "")
        guard quantity.isValid else { throw .mustBe("a quantity such as 64Ki", json) }
        self = quantity
    }

    init(flag text: String) throws(DecodingFailure) { try self.init(json: .string(text)) }
    var json: JSONValue { .string(text) }
}

/// What arrays hold; flags separate elements by commas.
protocol ConfigurationElement: ConfigurationValue {}

extension String: ConfigurationElement {}
extension VerbosityRule: ConfigurationElement {}

extension Array: ConfigurationValue where Element: ConfigurationElement {
    static var typeName: String { Element.typeName + ",..." }

    init(json: JSONValue) throws(DecodingFailure) {
        guard let elements = json.array else { throw .mustBe("an array", json) }
        self = []
        for (index, element) in elements.enumerated() {
            do {
                append(try Element(json: element))
            } catch {
                throw error.under(index: index)
            }
        }
    }

    init(flag text: String) throws(DecodingFailure) {
        self = []
        for part in text.split(separator: ",") { append(try Element(flag: part.trimmed)) }
    }

    var json: JSONValue { .array(map(\.json)) }
}

extension [String: Bool]: ConfigurationValue {
    static var typeName: String { "mapStringBool" }

    init(json: JSONValue) throws(DecodingFailure) {
        guard case .object(let object) = json else { throw .mustBe("an object", json) }
        self = [:]
        for member in object.members {
            guard case .bool(let bool) = member.value else {
                throw .mustBe("true or false", member.value).under(member.key)
            }
            self[member.key] = bool
        }
    }

    /// `A=true,B=false`
    init(flag text: String) throws(DecodingFailure) {
        self = [:]
        for part in text.split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, !halves[0].isEmpty else { throw .mustBe("NAME=true or NAME=false", .string(text)) }
            self[halves[0].trimmed] = try Bool(flag: halves[1].trimmed)
        }
    }

    var json: JSONValue { .object(JSONObject(sorted { $0.key < $1.key }.map { .init($0.key, .bool($0.value)) })) }
}

extension VerbosityRule: ConfigurationValue {
    static var typeName: String { "pattern=N" }

    init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json, collectsUnknown: true)
        let pattern = try reader.requiredString("filePattern")
        self.init(filePattern: pattern, verbosity: try reader.integer("verbosity") ?? 0)
        if let unknown = reader.unknownFields.first { throw DecodingFailure(unknown, "unknown field") }
    }

    /// `pattern=3`
    init(flag text: String) throws(DecodingFailure) {
        let halves = text.split(separator: "=", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, let verbosity = UInt32(halves[1]) else {
            throw .mustBe("PATTERN=N", .string(text))
        }
        self.init(filePattern: String(halves[0]), verbosity: verbosity)
    }

    var json: JSONValue { ["filePattern": .string(filePattern), "verbosity": verbosity.json] }
}

extension StringProtocol {
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
