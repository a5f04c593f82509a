import KubeAPI
import KubeSchema

/// `application/vnd.kubernetes.protobuf`: the four bytes `k8s\0` and a runtime.Unknown.
enum Protobuf {
    static func envelope(_ object: JSONValue, _ served: ServedResource?) throws(Status) -> [UInt8] {
        throw .notAcceptable(["application/json", "application/yaml"])
    }

    static func decode(_ bytes: [UInt8], _ served: ServedResource?) throws(Status) -> JSONValue {
        throw .unsupportedMediaType(["application/json", "application/yaml"])
    }
}

extension Protobuf {
    /// metav1.WatchEvent, whose object is an envelope, with its length in four bytes before it.
    static func watchFrame(_ type: String, _ object: JSONValue, _ served: ServedResource?) throws(Status) -> [UInt8] {
        let inner = try envelope(object, served)
        var event: [UInt8] = []
        field(1, Array(type.utf8), to: &event)
        var raw: [UInt8] = []
        field(1, inner, to: &raw)
        field(2, raw, to: &event)
        let length = UInt32(clamping: event.count)
        return [
            UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ] + event
    }

    /// A length-delimited field.
    private static func field(_ number: UInt8, _ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(number << 3 | 2)
        var length = UInt64(content.count)
        while length >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: length))
        bytes += content
    }
}
