import NIOCore
import TestRandom
import Testing

@testable import StoreEtcd

@Suite struct PingFilterTests {
    private static func frame(_ type: UInt8, _ flags: UInt8 = 0, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags, 0, 0, 0, 1] + payload
    }

    /// Whatever pieces they come in, PINGs are taken out and everything else passes as it was.
    @Test(arguments: 0..<50) func takesOutPingsAlone(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var (stream, others, pings): ([UInt8], [UInt8], [[UInt8]]) = ([], [], [])
        for _ in 0..<40 {
            let bytes = (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                stream += Self.frame(6, 0, bytes)
                pings.append(bytes)
            // The answer to one of ours; one of a wrong length; settings; data of any length.
            case let kind:
                let long = Array(repeating: bytes, count: Int.random(in: 0...70, using: &random)).flatMap(\.self)
                let frame =
                    [Self.frame(6, 1, bytes), Self.frame(6, 0, Array(bytes.dropLast())), Self.frame(4, 0, [])]
                    + [Self.frame(0, 1, long)]
                stream += frame[kind - 1]
                others += frame[kind - 1]
            }
        }
        var filter = PingFilter()
        var (passed, found): ([UInt8], [[UInt8]]) = ([], [])
        while !stream.isEmpty {
            let count = min(stream.count, Int.random(in: 1...40, using: &random))
            let (rest, some) = filter.take(ByteBuffer(bytes: stream.prefix(count)))
            stream.removeFirst(count)
            passed += Array(rest.readableBytesView)
            found += some.map { Array($0.readableBytesView) }
        }
        #expect(passed == others)
        #expect(found == pings)
    }

    @Test func answersWithTheSameBytes() {
        let answer = PingFilter.answer(to: ByteBuffer(bytes: 1...8))
        #expect(Array(answer.readableBytesView) == [0, 0, 8, 6, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    }
}
