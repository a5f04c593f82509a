/// metav1.ListMeta, as far as a client needs it.
public struct ListMeta: Sendable, Hashable {
    public var resourceVersion: String
    /// Token for the next page; nil on the last.
    public var continuation: String?

    public init(resourceVersion: String = "", continuation: String? = nil) {
        self.resourceVersion = resourceVersion
        self.continuation = continuation
    }

    /// Reads field `metadata` of a list; a list without has none.
    public init(ofList json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json)
        let meta = try reader.object("metadata") { metadata throws(DecodingFailure) in
            let token = try metadata.string("continue") ?? ""
            return ListMeta(
                resourceVersion: try metadata.string("resourceVersion") ?? "", continuation: token.isEmpty ? nil : token
            )
        }
        self = meta ?? ListMeta()
    }
}
