/// What a reflector can reflect: an object that is read from a tree and knows its revision.
public protocol DecodableObject: Sendable {
    init(json: JSONValue) throws(DecodingFailure)
    var key: NamespacedName { get }
    var resourceVersion: String { get }
}

extension KubeObject {
    public var key: NamespacedName { metadata.key }
    public var resourceVersion: String { metadata.resourceVersion }
}
