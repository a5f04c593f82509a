import KubeAPI
import KubeSchema

/// Trees to bytes.
enum WireEncoder {
    /// An object, a list, a `Table`, a `Status`: whatever names its kind.
    static func bytes(_ object: JSONValue, _ form: OutputForm) throws -> [UInt8] {
        switch form.format {
        case .json: json(object, form)
        case .yaml: YAMLText.bytes(object)
        case .protobuf: try Protobuf.envelope(object)
        }
    }

    static func json(_ object: JSONValue, _ form: OutputForm) -> [UInt8] {
        JSONWriter.bytes(object, form.isPretty ? .pretty : .compact) + [UInt8(ascii: "\n")]
    }
}
