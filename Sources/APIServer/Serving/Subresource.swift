import KubeAPI

/// What serves a subresource, or a resource that is not stored (tokenreviews, bindings, …). Registered by resource and
/// subresource; `status` and `scale` need none.
public protocol SubresourceHandler: Sendable {
    /// `body`: the decoded object of the subresource's kind; nil without a body. Returns the answer's object and the HTTP
    /// status code.
    func handle(_ call: SubresourceCall) async throws -> (object: JSONValue, code: Int)
}

/// A call of a subresource.
public struct SubresourceCall: Sendable {
    public let verb: String
    public let namespace: String
    public let name: String
    public let served: ServedResource
    public let body: JSONValue?
    public let registry: Registry
    public let context: RequestContext
}
