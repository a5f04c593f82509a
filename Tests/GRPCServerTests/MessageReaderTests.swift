import NIOCore
import Testing

@testable import GRPCServer

@Suite struct MessageReaderTests {
    private static func framed(_ messages: [[UInt8]]) -> [UInt8] {
        messages.flatMap { [0, 0, 0, UInt8($0.count >> 8), UInt8($0.count & 0xff)] + $0 }
    }

    /// Whatever the pieces, the same messages come out.
    @Test(arguments: 0..<50) func findsMessagesInAnyPieces(seed: Int) throws {
        var random = SystemRandomNumberGenerator()
        let messages = (0..<Int.random(in: 1...20, using: &random)).map { _ in
            (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var rest = Self.framed(messages)[...]
        var reader = MessageReader(limit: 300)
        var found: [[UInt8]] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &random))
            rest = rest.dropFirst(piece.count)
            reader.add(ByteBuffer(bytes: piece))
            while let message = try reader.next() { found.append(Array(message.readableBytesView)) }
        }
        #expect(found == messages)
        #expect(reader.heldBytes == 0)
    }

    @Test func refusesWhatIsTooLargeBeforeItIsHere() {
        var reader = MessageReader(limit: 10)
        reader.add(ByteBuffer(bytes: [0, 0, 0, 0, 11]))
        #expect(throws: RPCStatus(.resourceExhausted, "a message of 11 bytes is larger than the limit of 10")) {
            try reader.check()
        }
        var huge = MessageReader(limit: 10)
        huge.add(ByteBuffer(bytes: [0, 0xff, 0xff, 0xff, 0xff]))
        #expect(throws: RPCStatus.self) { try huge.check() }
    }

    @Test func refusesCompressedMessages() {
        var reader = MessageReader(limit: 10)
        reader.add(ByteBuffer(bytes: [1, 0, 0, 0, 1, 7]))
        let status = #expect(throws: RPCStatus.self) { try reader.check() }
        #expect(status?.code == .internalError)
    }

    @Test func framesWhatItReads() throws {
        var batch = MessageBatch()
        try batch.add { $0.writeBytes([1, 2, 3]) }
        try batch.add { _ in }
        #expect(Array(batch.buffer.readableBytesView) == [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0])
    }
}

@Suite struct OpenCallTests {
    private static func call(_ isUnary: Bool) -> OpenCall {
        OpenCall(isUnary ? .direct { _, _ in } : .stream { _ in }, messageBytes: 100)
    }

    private static func bytes(_ messages: [UInt8]...) -> ByteBuffer {
        ByteBuffer(bytes: messages.flatMap { [0, 0, 0, 0, UInt8($0.count)] + $0 })
    }

    @Test func aUnaryCallHasItsRequestAtTheEnd() throws {
        var call = Self.call(true)
        #expect(try call.receive(Self.bytes([1, 2]), isEnd: false).isEmpty)
        #expect(!call.isHalfClosed)
        let messages = try call.receive(nil, isEnd: true)
        #expect(messages.map { Array($0.readableBytesView) } == [[1, 2]])
        #expect(call.isHalfClosed)
    }

    @Test func aUnaryCallHasOneRequest() {
        var two = Self.call(true)
        #expect(throws: RPCStatus(.internalError, "2 requests were sent where one belongs")) {
            try two.receive(Self.bytes([1], [2]), isEnd: true)
        }
        var none = Self.call(true)
        #expect(throws: RPCStatus.self) { try none.receive(nil, isEnd: true) }
        var half = Self.call(true)
        #expect(throws: RPCStatus(.internalError, "the last message is cut off after 6 bytes")) {
            try half.receive(ByteBuffer(bytes: [0, 0, 0, 0, 9, 1]), isEnd: true)
        }
    }

    @Test func aStreamHasMessagesAsTheyCome() throws {
        var call = Self.call(false)
        #expect(try call.receive(Self.bytes([1], [2]), isEnd: false).count == 2)
        #expect(try call.receive(ByteBuffer(bytes: [0, 0, 0]), isEnd: false).isEmpty)
        #expect(call.heldBytes == 3)
        #expect(try call.receive(ByteBuffer(bytes: [0, 1, 5]), isEnd: true).count == 1)
    }

    @Test func whatARefusedCallSendsIsDropped() throws {
        var call = OpenCall(nil, messageBytes: 0)
        #expect(try call.receive(Self.bytes([1, 2, 3]), isEnd: true).isEmpty)
        #expect(call.heldBytes == 0)
        #expect(call.isHalfClosed)
    }
}
