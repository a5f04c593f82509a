import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Testing

@testable import GRPCServer

/// The server as a gRPC client sees it that no one here wrote.
@Suite(.timeLimit(.minutes(30))) struct ForeignClientTests {
    private struct Raw: MessageSerializer, MessageDeserializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
            bytes.withUnsafeBytes { Array($0) }
        }
    }

    private typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

    private static func withClient<Value: Sendable>(
        _ body: @Sendable @escaping (Client, TestMethods) async throws -> Value
    ) async throws -> Value {
        let methods = try await TestMethods()
        let value = try await withGRPCClient(
            transport: .http2NIOPosix(
                target: .ipv4(address: "127.0.0.1", port: methods.port), transportSecurity: .plaintext)
        ) { try await body($0, methods) }
        await methods.server.shutDown(grace: .zero)
        return value
    }

    private static func ask(
        _ client: Client, _ method: String, _ request: [UInt8], timeout: Duration? = nil
    ) async throws -> [UInt8] {
        var options = CallOptions.defaults
        options.timeout = timeout
        options.maxRequestMessageBytes = 8 << 20
        options.maxResponseMessageBytes = 8 << 20
        return try await client.unary(
            request: ClientRequest(message: request),
            descriptor: MethodDescriptor(fullyQualifiedService: "t.T", method: method), serializer: Raw(),
            deserializer: Raw(), options: options
        ) { try $0.message }
    }

    @Test(arguments: ["Echo", "Task"]) func answersManyAtOnce(method: String) async throws {
        try await Self.withClient { client, _ in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    let request = [UInt8](repeating: UInt8(number), count: number * 50)
                    group.addTask { try await Self.ask(client, method, request) == request }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func takesLargeMessagesUpToItsLimit() async throws {
        try await Self.withClient { client, _ in
            let large = [UInt8](repeating: 5, count: 1 << 20)
            let echoed = try await Self.ask(client, "Echo", large)
            #expect(echoed == large)
            let error = await #expect(throws: RPCError.self) { try await Self.ask(client, "Echo", large + [1]) }
            #expect(error?.code == .resourceExhausted)
        }
    }

    @Test func tellsErrorsInAnyWords() async throws {
        try await Self.withClient { client, _ in
            let error = await #expect(throws: RPCError.self) { try await Self.ask(client, "Fail", []) }
            #expect(error?.code == .outOfRange)
            #expect(error?.message == "50% of ü")
        }
    }

    /// A busy machine may let a deadline pass before the request is there: then a longer one follows.
    @Test func endsCallsAtTheirDeadline() async throws {
        try await Self.withClient { client, methods in
            for seconds in [2, 10, 60] where methods.notes.begun.load(ordering: .relaxed) == 0 {
                let error = await #expect(throws: RPCError.self) {
                    try await Self.ask(client, "Forever", [], timeout: .seconds(seconds))
                }
                #expect(error?.code == .deadlineExceeded)
            }
            let areCancelled = try await TestMethods.soon {
                let begun = methods.notes.begun.load(ordering: .relaxed)
                return begun > 0 && methods.notes.cancelled.load(ordering: .relaxed) == begun
            }
            #expect(areCancelled)
        }
    }

    @Test func carriesMessagesBothWays() async throws {
        try await Self.withClient { client, _ in
            let sent = (0..<300).map { [UInt8](repeating: UInt8($0 % 256), count: $0 * 20) }
            let received = try await client.bidirectionalStreaming(
                request: StreamingClientRequest { writer in for message in sent { try await writer.write(message) } },
                descriptor: MethodDescriptor(fullyQualifiedService: "t.T", method: "Each"), serializer: Raw(),
                deserializer: Raw(), options: .defaults
            ) { response in
                var messages: [[UInt8]] = []
                for try await message in response.messages { messages.append(message) }
                return messages
            }
            #expect(received == sent)
        }
    }

    /// A writer waits for a client that does not read, and goes on when it does.
    @Test func aWriterWaitsForItsReader() async throws {
        try await Self.withClient { client, methods in
            let count = try await client.bidirectionalStreaming(
                request: StreamingClientRequest { try await $0.write([]) },
                descriptor: MethodDescriptor(fullyQualifiedService: "t.T", method: "Flood"), serializer: Raw(),
                deserializer: Raw(), options: .defaults
            ) { response in
                var count = 0
                for try await message in response.messages {
                    if count == 0 {
                        try await Task.sleep(for: .milliseconds(500))
                        #expect(methods.notes.written.load(ordering: .relaxed) < TestMethods.floodMessages)
                    }
                    #expect(message.count == TestMethods.floodBytes)
                    count += 1
                }
                return count
            }
            #expect(count == TestMethods.floodMessages)
        }
    }
}
