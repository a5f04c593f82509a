import NIOCore
import Testing

@testable import KubeClient

@Suite struct LineSplitterTests {
    private func split(_ text: String, chunk: Int, limit: Int) -> (lines: [String], rest: Int) {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            splitter.append(ByteBuffer(bytes: rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
            while let element = splitter.next() {
                switch element {
                case .line(let bytes): lines.append(String(buffer: bytes))
                case .tooLong: lines.append("<too long>")
                }
            }
        }
        return (lines, splitter.pending)
    }

    @Test(arguments: 1...12) func cutsAtNewlinesHoweverTheBytesArrive(chunk: Int) {
        let (lines, rest) = split("{\"a\":1}\n\n{}\nlonger line\nend", chunk: chunk, limit: 100)
        #expect(lines == ["{\"a\":1}", "{}", "longer line"])
        #expect(rest == 3)
    }

    @Test(arguments: 1...24) func dropsLongLinesOnceAndGoesOn(chunk: Int) {
        let (lines, _) = split("ok\n0123456789abcdef\nnext\n", chunk: chunk, limit: 8)
        #expect(lines == ["ok", "<too long>", "next"])
    }

    @Test func holdsNoMoreThanTheLimitOfALongLine() {
        var splitter = LineSplitter(limit: 1000)
        for _ in 0..<100 {
            splitter.append(ByteBuffer(repeating: 0x61, count: 500))
            _ = splitter.next()
            #expect(splitter.pending <= 1500)
        }
    }
}
