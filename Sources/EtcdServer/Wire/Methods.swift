import GRPCServer
import NIOCore
import SwiftProtobuf

/// Methods by their messages.
extension MethodTable {
    /// Answered in a task.
    mutating func task<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ service: String, _ name: String, _ body: @escaping @Sendable (Request) async throws -> Response
    ) {
        task("/\(service)/\(name)") { bytes in
            let response = try await body(try Request(bytes))
            return { try response.append(to: &$0) }
        }
    }

    /// Answered at once, or later from another thread; `body` must not wait.
    mutating func direct<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ service: String, _ name: String, _ body: @escaping @Sendable (Request, Answer<Response>) throws -> Void
    ) {
        direct("/\(service)/\(name)") { bytes, reply in
            do { try body(try Request(bytes), Answer(reply)) } catch { reply.fail(error) }
        }
    }

    mutating func stream<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ service: String, _ name: String,
        _ body: @escaping @Sendable (MessageStream<Request, Response>) async throws -> Void
    ) {
        stream("/\(service)/\(name)") { try await body(MessageStream($0)) }
    }

    /// One request, any number of answers.
    mutating func answers<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ service: String, _ name: String,
        _ body: @escaping @Sendable (Request, MessageStream<Request, Response>) async throws -> Void
    ) {
        stream(service, name) { (stream: MessageStream<Request, Response>) in
            guard let request = try await stream.next() else {
                throw RPCStatus(.internalError, "no request was sent where one belongs")
            }
            try await body(request, stream)
        }
    }
}

/// Where the answer to one request goes.
struct Answer<Response: SwiftProtobuf.Message>: Sendable {
    private let reply: Reply

    init(_ reply: Reply) { self.reply = reply }

    /// `make` is called where the answer is encoded: not on the store's writer.
    func send(_ make: @escaping @Sendable () -> Response) { reply.send { try make().append(to: &$0) } }

    /// For answers that may be long, or take time: see `Reply.sendLong`.
    func sendLong(_ make: @escaping @Sendable () async throws -> Response) {
        reply.sendLong {
            let response = try await make()
            return { try response.append(to: &$0) }
        }
    }

    func fail(_ error: any Error) { reply.fail(error) }

    /// Answers with what the store has said.
    func send<Value: Sendable>(_ result: Result<Value, any Error>, _ make: @escaping @Sendable (Value) -> Response) {
        switch result {
        case .success(let value): send { make(value) }
        case .failure(let error): fail(error)
        }
    }
}

/// Messages in both directions.
struct MessageStream<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>: Sendable {
    private let stream: RPCStream

    init(_ stream: RPCStream) { self.stream = stream }

    /// nil when the client has sent its last.
    func next() async throws -> Request? { try await stream.next().map { try Request($0) } }

    func write(_ response: Response) async throws { try await stream.write { try response.append(to: &$0) } }

    /// As `write`, for those who wait for `room` by themselves.
    func enqueue(_ responses: [Response]) throws {
        var messages = MessageBatch()
        for response in responses { try messages.add { try response.append(to: &$0) } }
        try stream.enqueue(messages)
    }

    func enqueue(_ messages: MessageBatch) throws { try stream.enqueue(messages) }

    func room() async throws { try await stream.room() }

    func end(_ status: RPCStatus) { stream.end(status) }
}

extension SwiftProtobuf.Message {
    fileprivate init(_ bytes: ByteBuffer) throws {
        do {
            self = try bytes.withUnsafeReadableBytes { try Self(serializedBytes: $0.bytes) }
        } catch {
            throw RPCStatus(.internalError, "the request is not a \(Self.protoMessageName)")
        }
    }

    func append(to buffer: inout ByteBuffer) throws {
        let bytes: [UInt8] = try serializedBytes()
        buffer.writeBytes(bytes)
    }
}
