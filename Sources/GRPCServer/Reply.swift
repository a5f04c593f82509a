import NIOHTTP2

/// Where the answer to one request goes. The first answer counts; a caller that has gone hears none.
public struct Reply: Sendable {
    let connection: Connection
    let id: HTTP2StreamID

    /// `encode` is called later, on the connection's event loop.
    public func send(_ encode: @escaping Encode) { connection.enqueue(.answer(id, encode)) }

    /// For an answer that may be long, or takes time: `make` is called in a task, when the connection has few others of
    /// them that are not sent. The task is cancelled when the call ends.
    public func sendLong(_ make: @escaping @Sendable () async throws -> Encode) {
        connection.enqueue(.beginLong(id, make))
    }

    public func fail(_ error: any Error) { connection.enqueue(.end(id, RPCStatus(error))) }
}
