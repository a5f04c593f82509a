import NIOCore
import NIOHPACK
import NIOHTTP2
import Testing

@testable import GRPCServer

/// What no well-behaved client sends, and what the connection itself says.
@Suite(.timeLimit(.minutes(30))) struct FrameTests {
    @Test func answersAndRefusesOverOneConnection() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        try await client.call(1, "/t.T/Echo")
        try await client.message(1, [1, 2, 3])
        #expect(try await client.end(1)?.first(name: "grpc-status") == "0")
        let data = try await client.frame { frame in
            if case .data = frame.payload { frame.streamID == 1 } else { false }
        }
        guard case .data(let content) = data?.payload, case .byteBuffer(let bytes) = content.data else {
            Issue.record("no message came")
            return
        }
        #expect(Array(bytes.readableBytesView) == [0, 0, 0, 0, 3, 1, 2, 3])

        try await client.call(3, "/t.T/Nothing", isEnd: true)
        #expect(try await client.end(3)?.first(name: "grpc-status") == "12")
        try await client.call(5, "/t.T/Echo", type: "application/json", isEnd: true)
        #expect(try await client.end(5)?.first(name: ":status") == "415")
        try await client.call(7, "/t.T/Echo", method: "PUT", isEnd: true)
        #expect(try await client.end(7)?.first(name: ":status") == "405")
        try await client.call(9, "/t.T/Fail")
        try await client.message(9, [])
        let failure = try await client.end(9)
        #expect(failure?.first(name: "grpc-status") == "11")
        #expect(failure?.first(name: "grpc-message") == "50%25 of %C3%BC")
        try await client.call(11, "/t.T/Twice")
        try await client.message(11, [4])
        #expect(try await client.end(11)?.first(name: "grpc-status") == "0")
        try await client.call(13, "/t.T/Echo", more: [("grpc-timeout", "soon")], isEnd: true)
        #expect(try await client.end(13)?.first(name: "grpc-status") == "13")
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }

    /// A call that is refused before its client has ended it is ended by RST_STREAM without an error.
    @Test func tellsAClientToStop() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        try await client.call(1, "/t.T/Echo")
        try await client.send(1, .data(.init(data: .byteBuffer(ByteBuffer(bytes: [0, 0, 0xff, 0xff, 0xff])))))
        #expect(try await client.end(1)?.first(name: "grpc-status") == "8")
        let reset = try await client.frame { frame in
            if case .rstStream(.noError) = frame.payload { frame.streamID == 1 } else { false }
        }
        #expect(reset != nil)
        try await client.call(3, "/t.T/Echo")
        try await client.message(3, [9])
        #expect(try await client.end(3)?.first(name: "grpc-status") == "0")
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }

    @Test func answersPings() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        for _ in 0..<500 { try await client.send(.rootStream, .ping(HTTP2PingData(withInteger: 7), ack: false)) }
        let answer = try await client.frame { frame in
            if case .ping(let data, true) = frame.payload { data == HTTP2PingData(withInteger: 7) } else { false }
        }
        #expect(answer != nil)
        try await client.call(1, "/t.T/Echo")
        try await client.message(1, [])
        #expect(try await client.end(1) != nil)
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }

    @Test func cancelsWhatItsClientResets() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        try await client.call(1, "/t.T/Forever")
        try await client.message(1, [])
        try await client.send(1, .rstStream(.cancel))
        #expect(try await TestMethods.soon { methods.notes.cancelled.load(ordering: .relaxed) == 1 })
        try await client.call(3, "/t.T/Forever")
        try await client.message(3, [])
        await client.close()
        #expect(try await TestMethods.soon { methods.notes.cancelled.load(ordering: .relaxed) == 2 })
        await methods.server.shutDown(grace: .zero)
    }

    /// Calls that run end by themselves, others are ended; then the connection is closed.
    @Test func shutsDownInTwoSteps() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        try await client.call(1, "/t.T/Task")
        try await client.call(3, "/t.T/Forever")
        try await client.message(3, [])
        try await client.call(5, "/t.T/Each")
        try await client.message(5, [1], isEnd: false)
        _ = try await client.frame { $0.streamID == 5 }
        async let ending: Void = methods.server.shutDown(grace: .seconds(10))
        let goingAway = try await client.frame { frame in
            if case .goAway(_, .noError, _) = frame.payload { true } else { false }
        }
        #expect(goingAway != nil)
        try await client.message(1, [6])
        #expect(try await client.end(1)?.first(name: "grpc-status") == "0")
        #expect(try await client.end(3)?.first(name: "grpc-status") == "14")
        #expect(try await client.end(5)?.first(name: "grpc-status") == "14")
        #expect(try await client.isClosedSoon())
        await ending
    }

    /// So is what streams' methods do not take.
    @Test func holdsALimitedAmountThatNobodyTakes() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        let message = [UInt8](repeating: 5, count: 200 << 10)
        // Three megabytes, of which each may have more than one.
        for id in 0..<20 {
            let id = HTTP2StreamID(id * 2 + 1)
            try await client.call(id, "/t.T/Deaf")
            try? await client.message(id, message, isEnd: false)
        }
        #expect(try await client.end(39)?.first(name: "grpc-status") == "8")
        #expect(client.count { if case .headers = $0.payload { $0.streamID == 1 } else { false } } == 0)
        try await client.call(41, "/t.T/Echo")
        try await client.message(41, [1])
        #expect(try await client.end(41)?.first(name: "grpc-status") == "0")
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }

    /// What is not complete is held for all calls of a connection together.
    @Test func holdsALimitedAmountThatIsNotComplete() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        let part = ByteBuffer(repeating: 0, count: 1 << 20)
        var begin = ByteBuffer(bytes: [0, 0, 0x10, 0, 0])
        begin.writeImmutableBuffer(part.getSlice(at: 0, length: (1 << 20) - 10) ?? part)
        for id in [1, 3, 5, 7] {
            try await client.call(HTTP2StreamID(id), "/t.T/Fail")
            // The last may be refused while it is sent.
            try? await client.send(HTTP2StreamID(id), .data(.init(data: .byteBuffer(begin))))
        }
        #expect(try await client.end(7)?.first(name: "grpc-status") == "8")
        // The others go on.
        let rest = ByteBuffer(repeating: 0, count: 10)
        try await client.send(1, .data(.init(data: .byteBuffer(rest), endStream: true)))
        #expect(try await client.end(1)?.first(name: "grpc-status") == "11")
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }
}
