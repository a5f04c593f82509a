/// Protobuf's wire format written by hand, field by field, for expected bytes.
enum Wire {
    static func varint(_ number: Int, _ value: UInt64) -> [UInt8] { raw(UInt64(number) << 3) + raw(value) }

    static func text(_ number: Int, _ text: String) -> [UInt8] { message(number, Array(text.utf8)) }

    static func message(_ number: Int, _ content: [UInt8]...) -> [UInt8] {
        let content = content.flatMap { $0 }
        return raw(UInt64(number) << 3 | 2) + raw(UInt64(content.count)) + content
    }

    private static func raw(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// metadata with what Kubernetes writes for absent values; `created` in seconds.
    static func metadata(
        _ name: String, namespace: String = "", created: UInt64? = nil, labels: [(String, String)] = []
    ) -> [UInt8] {
        message(
            1, text(1, name), text(2, ""), text(3, namespace), text(4, ""), text(5, ""), text(6, ""), varint(7, 0),
            created.map { message(8, varint(1, $0), varint(2, 0)) } ?? message(8),
            labels.flatMap { message(11, text(1, $0.0), text(2, $0.1)) })
    }
}
