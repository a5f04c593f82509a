import KubeAPI

/// One field of a type.
public struct FieldDefinition: Sendable {
    /// How lists merge in server-side apply (x-kubernetes-list-type).
    public enum ListType: Sendable, Hashable { case atomic, set, map }

    /// How objects and maps merge in server-side apply (x-kubernetes-map-type).
    public enum MapType: Sendable, Hashable { case atomic, granular }

    /// When an empty value is written.
    public enum Emission: Sendable, Hashable { case always, omitEmpty, omitZero }

    /// Its JSON name.
    public var name: String
    public var shape: FieldShape
    /// Its protobuf number; nil for kind and apiVersion, which travel in the envelope.
    public var number: Int?
    /// The numbers of the messages, outermost first, that hold it in protobuf while its JSON form is inlined.
    public var inlinedIn: [Int] = []
    public var isRequired = false
    /// From the schema; `{}` is left out.
    public var defaultValue: JSONValue?
    /// The only values it may have; empty for any.
    public var allowedValues: [String] = []
    /// Absence differs from the zero value.
    public var isPointer = false
    public var emission = Emission.omitEmpty
    public var isNullable = false
    public var listType: ListType?
    public var listMapKeys: [String] = []
    public var mapType: MapType?
    /// Strategic merge patch: `merge`, `replace`, `retainKeys`.
    public var patchStrategies: [String] = []
    public var patchMergeKey: String?
    public var constraints: [FieldConstraint] = []

    public init(_ name: String, _ shape: FieldShape, number: Int? = nil) {
        self.name = name
        self.shape = shape
        self.number = number
    }
}

/// What a field's JSON looks like.
public indirect enum FieldShape: Sendable, Hashable {
    case string
    /// base64 in JSON.
    case bytes
    case boolean
    case int32
    case int64
    /// A float.
    case number
    /// Any JSON.
    case any
    case type(TypeReference)
    case array(FieldShape)
    /// Keys are strings.
    case map(FieldShape)
}
