/// A type of the API: an object with fields, or a value with a form of its own.
public struct TypeDefinition: Sendable {
    /// How the JSON form looks when it is not an object with fields.
    public enum Form: Sendable, Hashable {
        case object
        /// RFC 3339 in seconds; in protobuf seconds and nanoseconds.
        case time
        /// RFC 3339 with six digits of a second.
        case microTime
        /// Go's duration text, such as `1h0m0s`; in protobuf nanoseconds.
        case duration
        /// A string, or a number that becomes one.
        case quantity
        case intOrString
        /// An object of any kind (runtime.RawExtension, metav1.FieldsV1, …); in protobuf its JSON bytes.
        case raw
        /// Any JSON at all (apiextensions JSON); in protobuf its JSON bytes.
        case json
        /// A schema or a boolean, a schema or an array (JSONSchemaPropsOrBool, …OrArray, …OrStringArray).
        case schemaOrBool
        case schemaOrArray
        case schemaOrStringArray
        /// An array of strings that has a message of its own in protobuf (Verbs, ExtraValue).
        case list
    }

    /// `io.k8s.api.core.v1.ServicePort`.
    public let name: String
    public let form: Form
    /// In the order of the Go struct, which is the order in which the server writes them.
    public let fields: [FieldDefinition]
    /// Unknown fields are kept (x-kubernetes-preserve-unknown-fields).
    public let preservesUnknownFields: Bool
    /// Objects of the type have one owner as a whole (x-kubernetes-map-type of the type).
    public let isAtomic: Bool
    private let index: NameIndex

    public init(
        name: String, form: Form = .object, fields: [FieldDefinition] = [], preservesUnknownFields: Bool = false
    ) {
        self.name = name
        self.form = form
        self.fields = fields
        self.preservesUnknownFields = preservesUnknownFields
        isAtomic = AtomicTypes.names.contains(name)
        index = NameIndex(fields.map(\.name))
    }

    /// The field of that JSON name.
    public func field(_ name: String) -> FieldDefinition? { index.position(of: name).map { fields[$0] } }

    /// Where the field stands in `fields`.
    public func position(of name: String) -> Int? { index.position(of: name) }
}
