import KubeAPI

/// A resource that is asked by POST, answered at once and never stored: reviews and tokens.
public protocol VirtualResource: SubresourceHandler {
    /// The object as the answer holds it: the question with its status. Throws `Status` or `InvalidObject`.
    func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue
}

extension VirtualResource {
    public func handle(_ call: SubresourceCall) async throws -> (object: JSONValue, code: Int) {
        guard call.verb == "create" else { throw Status.methodNotAllowed }
        guard let body = call.body else { throw Status.badRequest("the request has no body; it must be a review") }
        return (try await create(body, call.context), 201)
    }
}

extension JSONValue {
    func withStatus(_ status: JSONValue) -> JSONValue {
        var copy = self
        copy[path: "status"] = status
        return copy
    }
}
