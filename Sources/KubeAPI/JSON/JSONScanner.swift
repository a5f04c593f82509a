/// The machine behind `JSONParser`: stands at a byte of the text and consumes one value, or fails with its offset.
///
/// Every read checks the length first; past the end it sees a zero byte, which no JSON text may hold.
struct JSONScanner {
    struct Fault: Error {
        let offset: Int
        let reason: String
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let leftOut: String
    /// In bytes; -1 when nothing is left out.
    private let leftOutLength: Int
    private(set) var position = 0
    /// Finished children of the containers that are open, so that each container is allocated once, at its size.
    private var values: [JSONValue] = []
    private var members: [JSONObject.Member] = []

    /// Members named `leftOut` are checked but make no values.
    init(_ bytes: UnsafeBufferPointer<UInt8>, leavingOut leftOut: String? = nil) {
        self.bytes = bytes
        self.leftOut = leftOut ?? ""
        leftOutLength = leftOut?.utf8.count ?? -1
    }

    @inline(__always) private func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    /// The next byte that is not white space, which is skipped.
    @inline(__always) private mutating func next() -> UInt8 {
        while true {
            let byte = byte(at: position)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
    }

    /// Where the next value begins.
    var nextOffset: Int {
        mutating get {
            _ = next()
            return position
        }
    }

    var isAtObject: Bool { mutating get { next() == UInt8(ascii: "{") } }

    var isAtArray: Bool { mutating get { next() == UInt8(ascii: "[") } }

    @inline(__always) private func isLeftOut(_ key: String) -> Bool {
        key.utf8.count == leftOutLength && key == leftOut
    }

    private func fault(_ reason: String, at offset: Int? = nil) -> Fault {
        let offset = offset ?? position
        return Fault(offset: offset, reason: offset < bytes.count ? reason : "\(JSONError.tooEarly), \(reason)")
    }

    /// Only white space may be left.
    mutating func end() throws(Fault) {
        _ = next()
        guard position == bytes.count else { throw fault("expected nothing after the value") }
    }

    // MARK: - Values

    mutating func value(depth: Int) throws(Fault) -> JSONValue {
        switch next() {
        case UInt8(ascii: "\""):
            position += 1
            return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw fault("expected a value")
        }
    }

    /// Consumes a value and keeps nothing of it.
    mutating func skip(depth: Int) throws(Fault) {
        switch next() {
        case UInt8(ascii: "{"):
            try eachMember(depth: depth) { scanner, _, depth throws(Fault) in try scanner.skip(depth: depth) }
        case UInt8(ascii: "["):
            try eachElement(depth: depth) { scanner, depth throws(Fault) in try scanner.skip(depth: depth) }
        default: _ = try value(depth: depth)
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Fault) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount where byte(at: position + offset) != text.utf8Start[offset] {
            throw fault("expected \(text)")
        }
        position += text.utf8CodeUnitCount
        return value
    }

    private mutating func array(depth: Int) throws(Fault) -> [JSONValue] {
        let start = values.count
        try eachElement(depth: depth) { scanner, depth throws(Fault) in
            let value = try scanner.value(depth: depth)
            scanner.values.append(value)
        }
        guard values.count > start else { return [] }
        defer { values.removeLast(values.count - start) }
        return Array(values[start...])
    }

    private mutating func object(depth: Int) throws(Fault) -> JSONObject {
        let start = members.count
        try eachMember(depth: depth) { scanner, key, depth throws(Fault) in
            guard !scanner.isLeftOut(key) else { return try scanner.skip(depth: depth) }
            let value = try scanner.value(depth: depth)
            scanner.members.append(JSONObject.Member(key, value))
        }
        guard members.count > start else { return JSONObject() }
        defer { members.removeLast(members.count - start) }
        return JSONObject(Array(members[start...]))
    }

    /// Consumes an array; `element` must consume one value, at the depth it is given.
    @inline(__always)
    mutating func eachElement(
        depth: Int, _ element: (inout JSONScanner, Int) throws(Fault) -> Void
    ) throws(Fault) {
        guard next() == UInt8(ascii: "[") else { throw fault("expected '['") }
        guard depth < JSONParser.maximumDepth else { throw tooDeep }
        position += 1
        if next() == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try element(&self, depth + 1)
            switch next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return
            default: throw fault("expected ',' or ']'")
            }
        }
    }

    /// Consumes an object; `member` must consume one value, at the depth it is given.
    @inline(__always)
    mutating func eachMember(
        depth: Int, _ member: (inout JSONScanner, String, Int) throws(Fault) -> Void
    ) throws(Fault) {
        guard next() == UInt8(ascii: "{") else { throw fault("expected '{'") }
        guard depth < JSONParser.maximumDepth else { throw tooDeep }
        position += 1
        if next() == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            guard next() == UInt8(ascii: "\"") else { throw fault("expected a quoted member name") }
            position += 1
            let key = try string()
            guard next() == UInt8(ascii: ":") else { throw fault("expected ':'") }
            position += 1
            try member(&self, key, depth + 1)
            switch next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return
            default: throw fault("expected ',' or '}'")
            }
        }
    }

    private var tooDeep: Fault { fault("nested deeper than \(JSONParser.maximumDepth) levels") }

    // MARK: - Numbers

    private mutating func number() throws(Fault) -> JSONValue {
        let start = position
        let isNegative = byte(at: position) == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var magnitude: Int64? = 0
        let first = position
        try digits { digit in
            guard let value = magnitude else { return }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.subtractingReportingOverflow(Int64(digit))
            magnitude = overflow || carry ? nil : sum
        }
        if position - first > 1, byte(at: first) == UInt8(ascii: "0") {
            throw fault("a number may not begin with 0", at: first)
        }
        var isInteger = true
        if byte(at: position) == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits { _ in }
        }
        if byte(at: position) | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if byte(at: position) == UInt8(ascii: "+") || byte(at: position) == UInt8(ascii: "-") { position += 1 }
            try digits { _ in }
        }
        // The magnitude is kept negative, for the lowest Int64 has no positive twin.
        if isInteger, let magnitude, isNegative || magnitude != .min {
            return .integer(isNegative ? magnitude : -magnitude)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw fault("number out of range", at: start) }
        return .double(value)
    }

    /// At least one digit.
    @inline(__always) private mutating func digits(_ body: (UInt8) -> Void) throws(Fault) {
        let start = position
        while true {
            let digit = byte(at: position) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            body(digit)
            position += 1
        }
        guard position > start else { throw fault("expected a digit") }
    }

    // MARK: - Strings

    /// Consumes the string whose opening quote is just behind.
    private mutating func string() throws(Fault) -> String {
        let start = position
        var index = start
        var union: UInt8 = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                position = index + 1
                let text = UnsafeBufferPointer(rebasing: bytes[start..<index])
                // For ASCII the standard library has a way that checks and allocates less.
                return union < 0x80 ? String(decoding: text, as: UTF8.self) : try validated(text, from: start)
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            union |= byte
            index += 1
        }
        return try escapedString(start: start, plainEnd: index)
    }

    private func validated(_ text: some Sequence<UInt8>, from start: Int) throws(Fault) -> String {
        guard let text = String(validating: text, as: UTF8.self) else {
            throw fault("a string that is not UTF-8", at: start)
        }
        return text
    }

    /// A string with an escape, or with something forbidden, at `plainEnd`.
    private mutating func escapedString(start: Int, plainEnd: Int) throws(Fault) -> String {
        var buffer = Array(bytes[start..<plainEnd])
        position = plainEnd
        while true {
            guard position < bytes.count else { throw fault("expected '\"' at the end of a string") }
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try validated(buffer, from: start)
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case 0..<0x20: throw fault("a control character in a string must be escaped", at: position - 1)
            default: buffer.append(byte)
            }
        }
    }

    /// Consumes what follows a backslash.
    private mutating func escape(into buffer: inout [UInt8]) throws(Fault) {
        let byte = byte(at: position)
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: UTF8.encode(try unicodeEscape()) ?? .init())
        default: throw fault("unknown escape in a string", at: position - 1)
        }
    }

    /// Consumes the digits after `\u`, and the second half of a surrogate pair.
    private mutating func unicodeEscape() throws(Fault) -> Unicode.Scalar {
        let start = position - 2
        let first = try hexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, byte(at: position) == UInt8(ascii: "\\"), byte(at: position + 1) == UInt8(ascii: "u")
        else {
            throw fault("half of a surrogate pair", at: start)
        }
        position += 2
        let second = try hexDigits()
        guard second & 0xFC00 == 0xDC00,
            let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
        else { throw fault("half of a surrogate pair", at: start) }
        return scalar
    }

    private mutating func hexDigits() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch byte(at: position) {
            case let byte where byte &- 0x30 < 10: digit = byte - 0x30
            case let byte where (byte | 0x20) &- 0x61 < 6: digit = (byte | 0x20) - 0x61 + 10
            default: throw fault("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
