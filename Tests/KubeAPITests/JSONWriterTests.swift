import TestRandom
import Testing

@testable import KubeAPI

@Suite struct JSONWriterTests {
    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (-5, "-5"), (.double(1.5), "1.5"), (.double(1e300), "1e+300"),
            (.double(.infinity), "null"),
            ("a\"b\\c\n\r\t\u{1}\u{1f}\u{7f}é😀/", #""a\"b\\c\n\r\t\u0001\u001f\#u{7f}é😀/""#),
            ([], "[]"), ([:], "{}"), ([1, [2]], "[1,[2]]"), (["b": 1, "a": [:]], #"{"b":1,"a":{}}"#),
        ] as [(JSONValue, String)])
    func compact(_ value: JSONValue, _ text: String) {
        #expect(JSONWriter.text(value) == text)
    }

    @Test func pretty() {
        let value: JSONValue = ["a": [1, ["b": .null]], "c": [], "d": [:]]
        let text = """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "c": [],
              "d": {}
            }
            """
        #expect(JSONWriter.text(value, .pretty) == text)
    }

    /// Random trees, written and read back.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func survivesARoundTrip(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = random.json(depth: 5)
        #expect(try JSONParser.parse(JSONWriter.bytes(value)) == value)
        #expect(try JSONParser.parse(JSONWriter.text(value, .pretty)) == value)
    }
}
