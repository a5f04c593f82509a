import Testing

@testable import Bench

@Suite struct HTTPAnswerTests {
    private static let answer = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-Length: 6\r\n\r\npod-1 "

    private static func feed(_ text: String, _ answer: inout HTTPAnswer) -> HTTPAnswer.Event {
        Array(text.utf8).withUnsafeBufferPointer { answer.receive($0) }
    }

    @Test(arguments: Array(1..<answer.utf8.count)) func partsOfAnySizeMakeOneAnswer(size: Int) {
        var answer = HTTPAnswer()
        answer.keepsWord = true
        var events: [HTTPAnswer.Event] = []
        var rest = Self.answer[...]
        while !rest.isEmpty {
            events.append(Self.feed(String(rest.prefix(size)), &answer))
            rest = rest.dropFirst(size)
        }
        #expect(events.last == .complete)
        #expect(events.dropLast().allSatisfy { $0 == .incomplete })
        #expect(String(decoding: answer.word, as: UTF8.self).hasPrefix("pod-1".prefix(min(5, answer.word.count))))
    }

    @Test func theNextAnswerBeginsAfresh() {
        var answer = HTTPAnswer()
        #expect(Self.feed(Self.answer, &answer) == .complete)
        #expect(Self.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &answer) == .complete)
    }

    @Test(arguments: [
        ("SSH-2.0-OpenSSH\r\n\r\n\r\n", "no HTTP answer"), ("HTTP/1.1 200 OK\r\n\r\n", "no Content-Length"),
        ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 20_000))", "a head without end"),
    ])
    func otherThingsAreInvalid(text: String, reason: String) {
        var answer = HTTPAnswer()
        #expect(Self.feed(text, &answer) == .invalid(reason))
    }
}
