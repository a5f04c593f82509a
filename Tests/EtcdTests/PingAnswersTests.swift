import NIOCore
import Testing

@testable import StoreEtcd

@Suite struct PingAnswersTests {
    private static func frame(_ type: UInt8, _ flags: UInt8, _ payload: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: [0, 0, UInt8(payload.count), type, flags, 0, 0, 0, 0] + payload)
    }

    @Test func aPingIsAnsweredWithItsBytes() throws {
        let answer = try #require(PingAnswers.answer(to: Self.frame(6, 0, Array(1...8))))
        #expect(Array(answer.readableBytesView) == [0, 0, 8, 6, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    }

    /// The answer to one of ours; one of a wrong length; settings; data.
    @Test func whatIsNoQuestionPasses() {
        for frame in [
            Self.frame(6, 1, Array(1...8)), Self.frame(6, 0, Array(1...7)), Self.frame(4, 0, []),
            Self.frame(0, 1, Array(repeating: 6, count: 8)),
        ] {
            #expect(PingAnswers.answer(to: frame) == nil)
        }
    }
}
