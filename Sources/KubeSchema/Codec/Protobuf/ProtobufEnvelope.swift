import KubeAPI

/// Bodies of `application/vnd.kubernetes.protobuf`: four bytes of magic, then runtime.Unknown, which says what the bytes in
/// it are.
public enum ProtobufEnvelope {
    /// `k8s` and a zero.
    public static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    public struct Content: Sendable {
        /// `v1`, `apps/v1`
        public var apiVersion: String
        public var kind: String
        /// The message of that kind.
        public var raw: [UInt8]
        /// Empty for protobuf.
        public var contentType: String
    }

    public static func decode(_ bytes: some Collection<UInt8>) throws(DecodingRefusal) -> Content {
        try contiguous(bytes) { (bytes) throws(DecodingRefusal) in
            let unknown = try Unknown(bytes)
            return Content(
                apiVersion: unknown.apiVersion, kind: unknown.kind, raw: Array(unknown.raw),
                contentType: unknown.contentType)
        }
    }

    /// The object of a built-in kind that is in a body, canonical, with its kind and apiVersion.
    public static func object(_ body: some Collection<UInt8>) throws(DecodingRefusal) -> JSONValue {
        try contiguous(body) { (bytes) throws(DecodingRefusal) in try object(in: bytes) }
    }

    /// The body that holds a message.
    public static func encode(apiVersion: String, kind: String, raw: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter(capacity: raw.count + 128)
        open(&writer)
        writer.prepend(raw)
        close(&writer, apiVersion: apiVersion, kind: kind)
        return writer.bytes
    }

    /// What follows the message, which is written from its end.
    static func open(_ writer: inout ProtobufWriter) {
        writer.field(4, "")
        writer.field(3, "")
    }

    /// What stands before the message.
    static func close(_ writer: inout ProtobufWriter, apiVersion: String, kind: String) {
        // contentEncoding and contentType, both empty, are the four bytes behind it.
        writer.closeField(2, from: 4)
        let end = writer.count
        writer.field(2, kind)
        writer.field(1, apiVersion)
        writer.closeField(1, from: end)
        writer.prepend(magic)
    }

    static func isEnvelope(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { bytes.starts(with: magic) }

    static func object(in bytes: UnsafeBufferPointer<UInt8>) throws(DecodingRefusal) -> JSONValue {
        let unknown = try Unknown(bytes)
        let groupVersion = unknown.apiVersion.split(separator: "/").map(String.init)
        guard
            let type = APICatalog.builtin.type(
                group: groupVersion.count == 2 ? groupVersion[0] : "", version: groupVersion.last ?? "",
                kind: unknown.kind)
        else {
            throw DecodingRefusal(
                "no kind \(JSONWriter.text(.string(unknown.kind))) is registered for version \(JSONWriter.text(.string(unknown.apiVersion)))"
            )
        }
        var decoder = ProtobufDecoder(Schema.builtin.plans)
        return try decoder.message(unknown.raw, type.index).named(apiVersion: unknown.apiVersion, kind: unknown.kind)
    }

    /// Runs `body` over bytes in one piece.
    static func contiguous<Value>(
        _ bytes: some Collection<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws(DecodingRefusal) -> Value
    ) throws(DecodingRefusal) -> Value {
        func run(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Value, DecodingRefusal> {
            do { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        let result = bytes.withContiguousStorageIfAvailable(run) ?? Array(bytes).withUnsafeBufferPointer(run)
        return try result.get()
    }
}

/// runtime.Unknown behind the magic; its pieces point into the body.
private struct Unknown {
    let apiVersion: String
    let kind: String
    let raw: UnsafeBufferPointer<UInt8>
    let contentType: String

    init(_ body: UnsafeBufferPointer<UInt8>) throws(DecodingRefusal) {
        guard ProtobufEnvelope.isEnvelope(body) else {
            throw DecodingRefusal(
                "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
        }
        do throws(ProtobufReader.Refusal) {
            let outer = try Scalars(UnsafeBufferPointer(rebasing: body[ProtobufEnvelope.magic.count...]))
            let none = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
            let typeMeta = try Scalars(outer.bytes[1] ?? none)
            apiVersion = typeMeta.text(1)
            kind = typeMeta.text(2)
            raw = outer.bytes[2] ?? none
            contentType = outer.text(4)
        } catch { throw DecodingRefusal(error.rawValue) }
    }
}

extension JSONValue {
    /// With these as the first members of the object.
    func named(apiVersion: String, kind: String) -> JSONValue {
        guard case .object(let object) = self else { return self }
        let rest = object.members.filter { $0.key != "kind" && $0.key != "apiVersion" }
        let names = [JSONObject.Member("kind", .string(kind)), JSONObject.Member("apiVersion", .string(apiVersion))]
        return .object(JSONObject(names + rest))
    }
}
