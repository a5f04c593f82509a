import KubeAPI
import KubeSchema

/// Trees to bytes.
enum WireEncoder {
    /// An object of a resource's kind or of another kind of the built-in schema.
    static func bytes(_ object: JSONValue, _ form: OutputForm, _ served: ServedResource?) throws -> [UInt8] {
        switch form.format {
        case .json: json(object, form)
        case .yaml: YAMLText.bytes(object)
        case .protobuf: try Protobuf.envelope(object, served)
        }
    }

    /// A `Table`, `PartialObjectMetadata(List)`, `Status`, or another kind of the API's machinery.
    static func metaBytes(_ object: JSONValue, _ form: OutputForm) throws -> [UInt8] { try bytes(object, form, nil) }

    static func json(_ object: JSONValue, _ form: OutputForm) -> [UInt8] {
        JSONWriter.bytes(object, form.isPretty ? .pretty : .compact) + [UInt8(ascii: "\n")]
    }
}
