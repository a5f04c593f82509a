/// Which handler answers which path.
///
/// Handlers run on the server's only thread and must not block; `later` handlers answer from any thread.
public struct HTTPRoutes: Sendable {
    public typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse
    public typealias Answer = @Sendable (HTTPResponse) -> Void

    enum Action: Sendable {
        case immediate(Handler)
        case later(@Sendable (HTTPRequest, @escaping Answer) -> Void)
    }

    private struct Route: Sendable {
        let method: String
        /// Ends in `*` when it holds for everything below.
        let pattern: String
        let action: Action

        func matches(_ path: String) -> Bool {
            pattern.hasSuffix("*") ? path.hasPrefix(pattern.dropLast()) : path == pattern
        }
    }

    private var routes: [Route] = []

    public init() {}

    /// Answers GET and HEAD. The first route that matches counts.
    public mutating func get(_ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(method: "GET", pattern: pattern, action: .immediate(handler)))
    }

    public mutating func put(_ pattern: String, _ handler: @escaping Handler) {
        routes.append(Route(method: "PUT", pattern: pattern, action: .immediate(handler)))
    }

    /// Answers GET when the handler calls back, which it must do exactly once.
    public mutating func getLater(
        _ pattern: String, _ handler: @escaping @Sendable (HTTPRequest, @escaping Answer) -> Void
    ) {
        routes.append(Route(method: "GET", pattern: pattern, action: .later(handler)))
    }

    /// The same for PUT.
    public mutating func putLater(
        _ pattern: String, _ handler: @escaping @Sendable (HTTPRequest, @escaping Answer) -> Void
    ) {
        routes.append(Route(method: "PUT", pattern: pattern, action: .later(handler)))
    }

    /// What answers a request; for unknown paths 404, for other methods 405.
    func action(method: String, path: String) -> Action {
        let candidates = routes.filter { $0.matches(path) }
        let wanted = method == "HEAD" ? "GET" : method
        if let route = candidates.first(where: { $0.method == wanted }) { return route.action }
        guard !candidates.isEmpty else {
            return .immediate { _ in .text("404 page not found\n", status: 404) }
        }
        let methods = Set(candidates.map(\.method)).sorted().joined(separator: ", ")
        return .immediate { _ in
            .text("method not allowed\n", status: 405, headers: [HTTPHeader("Allow", methods)])
        }
    }
}
