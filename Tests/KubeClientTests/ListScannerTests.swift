import NIOCore
import Testing

@testable import KubeClient

@Suite struct ListScannerTests {
    private struct Scan: Equatable {
        var items: [String] = []
        var envelope = ""
    }

    private func scan(_ text: String, chunk: Int = 7, limit: Int = 1000) throws -> Scan {
        var scanner = ListScanner(itemLimit: limit)
        var result = Scan()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            scanner.append(ByteBuffer(bytes: rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
            while let element = try scanner.next() {
                switch element {
                case .item(let bytes): result.items.append(String(buffer: bytes))
                case .tooLong: result.items.append("<too long>")
                }
            }
        }
        result.envelope = String(buffer: try scanner.finish())
        return result
    }

    @Test(arguments: 1...40) func cutsItemsHoweverTheBytesArrive(chunk: Int) throws {
        let text = """
            {"kind":"ServiceList","metadata":{"resourceVersion":"7","items":[1]},"items" : [ {"a":"]}\\"\\\\"}, {"b":[1,2]},{}
            ] ,"x":"items"}
            """
        let result = try scan(text, chunk: chunk)
        #expect(result.items == [#"{"a":"]}\"\\"}"#, #"{"b":[1,2]}"#, "{}"])
        #expect(
            result.envelope.filter { !$0.isWhitespace }
                == #"{"kind":"ServiceList","metadata":{"resourceVersion":"7","items":[1]},"items":[],"x":"items"}"#)
    }

    @Test(arguments: [
        #"{"items":[]}"#, #"{"items":null,"metadata":{}}"#, #"{"metadata":{}}"#, #"{"a":"items","b":[{}]}"#,
        #"{"itemsX":[{}]}"#, #"{"item":[{}]}"#, #"{"a":{"items":[{}]}}"#, #"[{"items":[{}]}]"#,
    ])
    func findsNoItemsWhereThereAreNone(text: String) throws {
        #expect(try scan(text, chunk: 3).items.isEmpty)
    }

    @Test func passesElementsThatAreNoObjectsToTheDecoder() throws {
        #expect(try scan(#"{"items":[1,"a,]b",null,[2,3]]}"#).items == ["1", #""a,]b""#, "null", "[2,3]"])
    }

    @Test(arguments: 1...30) func dropsLargeItems(chunk: Int) throws {
        let text = #"{"items":[{"a":1},{"big":"0123456789012345678901234567890"},{"b":2}]}"#
        #expect(try scan(text, chunk: chunk, limit: 16).items == [#"{"a":1}"#, "<too long>", #"{"b":2}"#])
    }

    @Test(arguments: [
        "", #"{"items":["#, #"{"items":[{"a":1"#, #"{"items":[{"a":1}]"#, #"{"metadata":{}"#, #"{"items":[{"a":"}]}"#,
    ])
    func noticesTruncation(text: String) {
        #expect(throws: ListScanner.Failure.truncated) { try scan(text) }
    }

    @Test(arguments: ["}", #"{"items":[}]}"#, #"{"items":[{}}]}"#, "{}}"])
    func noticesUnbalancedBrackets(text: String) {
        #expect(throws: ListScanner.Failure.unbalanced) { try scan(text) }
    }

    @Test func anyBytesEndWithoutATrap() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}[]",:\items 01"#.utf8)
        for _ in 0..<2000 {
            let text = (0..<40).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            _ = try? scan(#"{"items":["# + String(decoding: text, as: UTF8.self), chunk: 5, limit: 12)
        }
    }
}
