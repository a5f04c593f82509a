import KubeAPI
import NIOCore

/// One request as Kubernetes sees it; how it travels is the client's affair.
public struct KubeRequest: Sendable {
    public enum Verb: String, Sendable { case get, list, watch, create, update, patch, delete }

    public struct Parameter: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var verb: Verb
    /// Begins with a slash; below the server's base path.
    public var path: String
    public var parameters: [Parameter]
    public var body: ByteBuffer?
    /// Of the body.
    public var contentType: String
    public var accept = "application/json"

    public init(
        _ verb: Verb, path: String, parameters: [Parameter] = [], body: ByteBuffer? = nil,
        contentType: String = "application/json"
    ) {
        self.verb = verb
        self.path = path
        self.parameters = parameters
        self.body = body
        self.contentType = contentType
    }

    var method: String {
        switch verb {
        case .get, .list, .watch: "GET"
        case .create: "POST"
        case .update: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        }
    }

    /// Path and query, percent-encoded.
    var target: String {
        guard !parameters.isEmpty else { return path }
        return path + "?" + parameters.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }
}
