import Testing

@testable import KubeAPI

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), (" \t\r\n false ", false), ("\"\"", ""), ("[]", []), ("{}", [:]),
            ("0", 0), ("-0", 0), ("-1", -1), ("10", 10),
            ("9223372036854775807", 9_223_372_036_854_775_807), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", .double(1.5)), ("1e3", .double(1000)),
            ("-1.25E-2", .double(-0.0125)), ("1E+2", .double(100)), ("80.0", .double(80)), ("1e-999", .double(0)),
            ("[1,[2,[3]],{}]", [1, [2, [3]], [:]]), (#"{"b":1,"a":{"c":[true]}}"#, ["b": 1, "a": ["c": [true]]]),
            (#""a\"b\\c\/d\b\f\n\r\te""#, "a\"b\\c/d\u{8}\u{c}\n\r\te"), (#""\u0041\u00e9\u20AC\u0000""#, "Aé€\0"),
            (#""\ud83d\ude00 \uD800\uDC00 \uDBFF\uDFFF""#, "😀 \u{10000} \u{10FFFF}"), ("\"é€😀\u{7f}\"", "é€😀\u{7f}"),
            ("{\"\":{\"\":0}}", ["": ["": 0]]),
        ] as [(String, JSONValue)])
    func reads(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test(arguments: [
        ("", "line 1, column 1: the text ends too early, expected a value"),
        ("   ", "line 1, column 4: the text ends too early, expected a value"),
        ("nul", "line 1, column 1: expected null"), ("True", "line 1, column 1: expected a value"),
        ("01", "line 1, column 1: a number may not begin with 0"),
        ("-", "line 1, column 2: the text ends too early, expected a digit"),
        ("-01", "line 1, column 2: a number may not begin with 0"),
        ("1.", "line 1, column 3: the text ends too early, expected a digit"),
        (".5", "line 1, column 1: expected a value"), ("+1", "line 1, column 1: expected a value"),
        ("1e", "line 1, column 3: the text ends too early, expected a digit"),
        ("[1e+]", "line 1, column 5: expected a digit"),
        ("1e400", "line 1, column 1: number out of range"),
        ("0x1", "line 1, column 2: expected nothing after the value"),
        ("NaN", "line 1, column 1: expected a value"), ("Infinity", "line 1, column 1: expected a value"),
        ("[1,]", "line 1, column 4: expected a value"), ("[,1]", "line 1, column 2: expected a value"),
        ("[1 2]", "line 1, column 4: expected ',' or ']'"),
        ("[1", "line 1, column 3: the text ends too early, expected ',' or ']'"),
        ("[1}", "line 1, column 3: expected ',' or ']'"), ("{a:1}", "line 1, column 2: expected a quoted member name"),
        ("{\"a\" 1}", "line 1, column 6: expected ':'"),
        ("{\"a\":1,}", "line 1, column 8: expected a quoted member name"),
        ("{\"a\":1", "line 1, column 7: the text ends too early, expected ',' or '}'"),
        ("{\"a\":\n\n  tru}", "line 3, column 3: expected true"),
        ("{} {}", "line 1, column 4: expected nothing after the value"),
        ("// x\n1", "line 1, column 1: expected a value"), ("'a'", "line 1, column 1: expected a value"),
        ("\u{FEFF}1", "line 1, column 1: expected a value"), ("\u{a0}1", "line 1, column 1: expected a value"),
        ("\"a", "line 1, column 3: the text ends too early, expected '\"' at the end of a string"),
        ("\"é\n\"", "line 1, column 3: a control character in a string must be escaped"),
        ("\"\t\"", "line 1, column 2: a control character in a string must be escaped"),
        ("\"\0\"", "line 1, column 2: a control character in a string must be escaped"),
        (#""\x""#, "line 1, column 3: unknown escape in a string"),
        (#""\u12g4""#, "line 1, column 6: expected four hexadecimal digits"),
        (#""\u12"#, "line 1, column 6: the text ends too early, expected four hexadecimal digits"),
        (#""\"#, "line 1, column 3: the text ends too early, unknown escape in a string"),
        (#""\ud800""#, "line 1, column 2: half of a surrogate pair"),
        (#""\udc00""#, "line 1, column 2: half of a surrogate pair"),
        (#""\ud800\u0041""#, "line 1, column 2: half of a surrogate pair"),
        (#""\ud800\ud800""#, "line 1, column 2: half of a surrogate pair"),
        ("1\0", "line 1, column 2: expected nothing after the value"),
    ])
    func refuses(_ text: String, _ message: String) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.description == message)
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
        #expect(error?.reason == "a string that is not UTF-8")
    }

    @Test(arguments: ["[", "{\"a\":"])
    func boundsTheDepth(_ open: String) throws {
        let close = open == "[" ? "]" : "}"
        func text(_ depth: Int) -> String {
            String(repeating: open, count: depth) + (open == "[" ? "" : "0") + String(repeating: close, count: depth)
        }
        #expect(throws: Never.self) { try JSONParser.parse(text(200)) }
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text(201)) }
        #expect(error?.reason == "nested deeper than 200 levels")
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: open, count: 1_000_000)) }
    }

    @Test func theLastOfEqualNamesCounts() throws {
        let value = try JSONParser.parse(#"{"a":1,"b":2,"a":3}"#)
        #expect(value["a"] == 3)
        #expect(value["c"] == nil)
    }

    @Test func leavesOutAMember() throws {
        let text = #"{"a":{"skip":{"x":[1,{"y":"é\n"}]},"b":1},"skip":[],"skips":2}"#
        #expect(try JSONParser.parse(text.utf8, leavingOut: "skip") == ["a": ["b": 1], "skips": 2])
        let error = #expect(throws: JSONError.self) {
            try JSONParser.parse(#"{"skip":{"x":[1,]}}"#.utf8, leavingOut: "skip")
        }
        #expect(error?.reason == "expected a value")
    }

    @Test func readsBytesOfAnyCollection() throws {
        #expect(try JSONParser.parse([UInt8]("[1]".utf8)[...]) == [1])
        #expect(try JSONParser.parse(AnyCollection("[1]".utf8)) == [1])
    }
}
