import NIOCore

/// Appends a message's bytes.
public typealias Encode = @Sendable (inout ByteBuffer) throws -> Void

/// What a server can be asked, by path (`/package.Service/Method`).
public struct MethodTable: Sendable {
    enum Method: Sendable {
        case direct(@Sendable (ByteBuffer, Reply) -> Void)
        case task(@Sendable (ByteBuffer) async throws -> Encode)
        case stream(@Sendable (RPCStream) async throws -> Void)

        var isUnary: Bool {
            if case .stream = self { false } else { true }
        }
    }

    private var methods: [String: Method] = [:]

    public init() {}

    /// One request, one answer. The method is called on the connection's event loop and must not wait there; it answers
    /// from wherever it likes.
    public mutating func direct(_ path: String, _ method: @escaping @Sendable (ByteBuffer, Reply) -> Void) {
        methods[path] = .direct(method)
    }

    /// One request, one answer, in a task that is cancelled when the call ends.
    public mutating func task(_ path: String, _ method: @escaping @Sendable (ByteBuffer) async throws -> Encode) {
        methods[path] = .task(method)
    }

    /// Any number of messages in both directions, in a task that is cancelled when the call ends. The call ends when the
    /// method returns.
    public mutating func stream(_ path: String, _ method: @escaping @Sendable (RPCStream) async throws -> Void) {
        methods[path] = .stream(method)
    }

    func find(_ path: String) throws(CallHead.Refusal) -> Method {
        guard let method = methods[path] else { throw .call(RPCStatus(.unimplemented, refusal(of: path))) }
        return method
    }

    /// In the words of grpc-go, which tell a service that is older from one that is not there.
    private func refusal(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            return "malformed method name: \"\(path)\""
        }
        let (service, method) = (path[..<slash].drop { $0 == "/" }, path[path.index(after: slash)...])
        guard methods.keys.contains(where: { $0.hasPrefix("/\(service)/") }) else {
            return "unknown service \(service)"
        }
        return "unknown method \(method) for service \(service)"
    }
}
