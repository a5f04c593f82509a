import KubeAPI

/// A resource that is asked by POST, answered at once and never stored: reviews and tokens.
public protocol VirtualResource: Sendable {
    /// The object as the answer holds it: the question with its status. Throws `Status` or `InvalidObject`.
    func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue
}

extension JSONValue {
    func withStatus(_ status: JSONValue) -> JSONValue {
        var copy = self
        copy[path: "status"] = status
        return copy
    }
}
