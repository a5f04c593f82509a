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
        guard let method = methods[path] else {
            throw .call(RPCStatus(.unimplemented, "there is no method \(path) here"))
        }
        return method
    }
}
