/// A kind that can be read from the API or from a manifest.
public protocol KubeObject: DecodableObject, Hashable {
    static var kind: String { get }
    static var resource: GroupVersionResource { get }
    var metadata: ObjectMeta { get set }
    /// Reads the fields of an object whose kind is already known. Unknown fields are ignored.
    init(fields: inout ObjectReader) throws(DecodingFailure)
}

extension KubeObject {
    /// Decodes an object; `kind` and `apiVersion`, which items of lists lack, must fit where they stand.
    public init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json)
        for (field, expected) in [("kind", Self.kind), ("apiVersion", Self.resource.apiVersion)] {
            guard let value = try reader.string(field), value != expected else { continue }
            throw DecodingFailure(field, "must be \(expected), got \"\(value)\"")
        }
        try self.init(fields: &reader)
    }
}

/// What can be said of an object even when the rest of it cannot be decoded.
public struct ObjectIdentity: Sendable, Hashable {
    /// nil without a name.
    public let key: NamespacedName?
    /// Empty when absent.
    public let resourceVersion: String

    public init(_ json: JSONValue) {
        let metadata = json["metadata"]
        let namespace = metadata?["namespace"]?.string ?? ""
        key = metadata?["name"]?.string.map { NamespacedName(namespace: namespace, name: $0) }
        resourceVersion = metadata?["resourceVersion"]?.string ?? ""
    }
}
