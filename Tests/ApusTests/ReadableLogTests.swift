import Testing

@testable import apus

@Suite struct ReadableLogTests {
    private static let object =
        #"{"ts":1764000000001.002,"level":"warning","caller":"Keeper.swift:77","msg":"ended","component":"dns","pid":7,"why":"no \"way\"","list":["a"]}"#

    /// Without the clock, which depends on the machine's time zone.
    private func text(_ pieces: [String]) -> [String] {
        var log = ReadableLog(isColoured: false)
        var output = pieces.flatMap { log.take(Array($0.utf8)[...]) }
        output += log.end()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map { line in
            line.wholeMatch(of: /\d\d-\d\d \d\d:\d\d:\d\d (.*)/).map { String($0.1) } ?? "raw \(line)"
        }
    }

    @Test func objectsBecomeLinesForPeople() {
        let expected = #"warning ended  component=dns pid=7 why="no \"way\"" list="[\"a\"]""#
        #expect(text([Self.object + "\n"]) == [expected])
        // However the pieces of a file fall.
        let bytes = Self.object + "\n" + Self.object + "\n"
        for cut in [1, 40, Self.object.count, Self.object.count + 1, Self.object.count + 9] {
            #expect(text([String(bytes.prefix(cut)), String(bytes.dropFirst(cut))]) == [expected, expected])
        }
    }

    @Test(arguments: [
        "Fatal error: it broke", #"{"level":"info"}"#, #"{"ts":1,"level":"loud","msg":"x"}"#, "{", #"{"ts":"#,
    ])
    func everythingElseStays(_ line: String) {
        #expect(text(["\(line)\n"]) == ["raw \(line)"])
        #expect(text([line]) == ["raw \(line)"])
    }

    @Test func aLineWithoutEndIsNotKeptForEver() {
        var log = ReadableLog(isColoured: false)
        let piece = [UInt8](repeating: 65, count: (1 << 20) + 1)
        #expect(log.take(piece[...]).count == piece.count)
        #expect(log.end().isEmpty)
    }
}
