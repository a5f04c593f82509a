/// Reads JSON as RFC 8259 defines it and no more: no comments, no trailing commas, no byte order mark, UTF-8 only.
/// Of members with the same name the tree keeps all.
public enum JSONParser {
    /// Deeper texts are refused; Kubernetes objects stay below 30.
    public static let maximumDepth = 200

    /// The field of every object's metadata that is often as large as the rest of the object, and that no client of
    /// ours reads.
    public static let managedFields = "managedFields"

    /// The value of a whole text. How long the text may be is the caller's to bound. Members named `leftOut`, at any
    /// depth, are checked but not kept.
    public static func parse(
        _ text: some Collection<UInt8>, leavingOut leftOut: String? = nil
    ) throws(JSONError) -> JSONValue {
        try scan(text, leavingOut: leftOut) { scanner throws(JSONScanner.Fault) in
            let value = try scanner.value(depth: 0)
            try scanner.end()
            return value
        }
    }

    public static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(text.utf8) }

    /// Runs `body` over the bytes of `text` and says where it failed.
    static func scan<Value>(
        _ text: some Collection<UInt8>, leavingOut leftOut: String?,
        _ body: (inout JSONScanner) throws(JSONScanner.Fault) -> Value
    ) throws(JSONError) -> Value {
        func run(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Value, JSONError> {
            var scanner = JSONScanner(bytes, leavingOut: leftOut)
            do {
                return .success(try body(&scanner))
            } catch {
                return .failure(JSONError(TextPosition(offset: error.offset, in: bytes), error.reason))
            }
        }
        let result = text.withContiguousStorageIfAvailable(run) ?? Array(text).withUnsafeBufferPointer(run)
        return try result.get()
    }
}
