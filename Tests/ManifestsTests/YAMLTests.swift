import KubeAPI
import TestRandom
import Testing

@testable import Manifests

@Suite struct YAMLTests {
    static func parse(_ text: String) throws -> [JSONValue] {
        try YAMLDocuments.parse(text, file: "a.yaml").map(\.value)
    }

    @Test func skipsAByteOrderMark() throws {
        #expect(try Self.parse("\u{FEFF}kind: A\n---\nkind: B") == [["kind": "A"], ["kind": "B"]])
        #expect(try YAMLDocuments.parse("\u{FEFF}{\"a\": 1}", file: "a.json").map(\.value) == [["a": 1]])
    }

    @Test(
        arguments: [
            ("80", 80), ("-1", -1), ("+5", 5), ("0", 0), ("0x1F", 31), ("0o17", 15), ("1.5", .double(1.5)),
            ("1e3", .double(1000)),
            (".5", .double(0.5)), ("-.5", .double(-0.5)), ("1.", .double(1)), ("1.e2", .double(100)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("\"80\"", "80"), ("'80'", "80"), ("!!str 80", "80"), ("!!int \"80\"", 80), ("|\n  80", "80\n"),
            (">-\n  80", "80"),
            ("true", true), ("False", false), ("TRUE", true), ("\"true\"", "true"), ("yes", "yes"), ("on", "on"),
            ("No", "No"),
            ("null", .null), ("~", .null), ("", .null), ("\"\"", ""), ("'null'", "null"),
            ("0123", "0123"), ("1_000", "1_000"), ("0x", "0x"), ("0x-1", "0x-1"), (".inf", ".inf"), (".nan", ".nan"),
            (".", "."),
            ("2026-01-02", "2026-01-02"), ("10.0.0.1", "10.0.0.1"), ("10.96.0.0/12", "10.96.0.0/12"),
            ("fd00::1", "fd00::1"),
            ("1:30", "1:30"), ("-", [.null]), ("a b", "a b"), ("=", "="), ("1e400", "1e400"),
        ] as [(String, JSONValue)])
    func scalars(_ text: String, _ value: JSONValue) throws {
        #expect(try Self.parse("x: \(text == "-" ? "\n- " : text)\n") == [["x": value]])
    }

    @Test func documents() throws {
        let text = """
            # a comment
            ---
            a: 1
            ---
            # empty
            ---

            b: [1, {c: d}]
            ...
            ---
            {"e": "f"}
            """
        let documents = try YAMLDocuments.parse(text, file: "a.yaml")
        #expect(documents.map(\.value) == [["a": 1], ["b": [1, ["c": "d"]]], ["e": "f"]])
        #expect(documents.map(\.line) == [3, 8, 11])
        #expect(try Self.parse("").isEmpty)
        #expect(try Self.parse("# nothing\n---\n---\n").isEmpty)
    }

    @Test func positions() throws {
        let text = """
            kind: Service
            spec:
              ports:
              - name: a
                port: 80
              - name: b
                port: 70000
            labels: {a.b/c: d}
            """
        let document = try #require(try YAMLDocuments.parse(text, file: "a.yaml").first)
        #expect(document.position(of: "spec.ports[1].port") == TextPosition(line: 7, column: 11))
        #expect(document.position(of: "spec.ports[1].protocol") == TextPosition(line: 6, column: 5))
        #expect(document.position(of: "labels[a.b/c]") == TextPosition(line: 8, column: 17))
        #expect(document.position(of: "status") == TextPosition(line: 1, column: 1))
    }

    @Test func anchorsAndMerges() throws {
        let text = """
            base: &base {a: 1, b: 2}
            one: {<<: *base, b: 3}
            two:
              <<: [{c: 4, a: 9}, *base]
            quoted: {"<<": 1}
            """
        #expect(
            try Self.parse(text) == [
                [
                    "base": ["a": 1, "b": 2], "one": ["b": 3, "a": 1], "two": ["c": 4, "a": 9, "b": 2],
                    "quoted": ["<<": 1],
                ]
            ])
    }

    @Test(arguments: [
        ("a: [1\nb: 2", "a.yaml:2:2: while parsing a flow sequence at line 1, did not find expected ',' or ']'"),
        (
            "a:\n\tb: 1",
            "a.yaml:2:1: while scanning for the next token at line 2, found character that cannot start any token"
        ),
        ("a: 1\na: 2", "a.yaml:1:1: field a is given twice"),
        ("a: *b", "a.yaml:1:4: found undefined alias"),
        ("? [a]\n: 1", "a.yaml:1:3: the name of a field must be a text"),
        ("a:\n  b: !!binary aGk=", "a.yaml:2:6: tag tag:yaml.org,2002:binary has no meaning here"),
        ("a:\n  <<: 1", "a.yaml:2:7: only mappings can be merged by <<"),
        ("a: 'x", "a.yaml:1:6: while scanning a quoted scalar at line 1, found unexpected end of stream"),
        ("a: b: c", "a.yaml:1:5: mapping values are not allowed in this context"),
        ("a: 1\nb: \u{1}", "a.yaml:2:4: control characters are not allowed"),
    ])
    func refuses(_ text: String, _ message: String) {
        let error = #expect(throws: ManifestFailure.self) { try Self.parse(text) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        ("{\"a\": 1,}", "a.json:1:9: expected a quoted member name"), ("a: 1", "a.json:1:1: expected a value"),
        ("{}\n---\n{}", "a.json:2:1: expected nothing after the value"),
    ])
    func refusesJSON(_ text: String, _ message: String) {
        let error = #expect(throws: ManifestFailure.self) { try YAMLDocuments.parse(text, file: "a.json") }
        #expect(error?.description == message)
    }

    @Test func findsFieldsInJSON() throws {
        let document = try #require(try YAMLDocuments.parse("\n{\"a\":\n [1, 2]}", file: "a.json").first)
        #expect(document.line == 2)
        #expect(document.position(of: "a[1]") == TextPosition(line: 3, column: 6))
    }

    @Test func textMustBeUTF8() {
        let parsed = ParsedManifest([0x61, 0x3A, 0xFF], file: "a.yaml")
        #expect(parsed.failures.map(\.description) == ["a.yaml: the text is not UTF-8"])
    }

    /// Ten levels of nine aliases would be 3.5 thousand million values.
    @Test(.timeLimit(.minutes(30)), arguments: [false, true])
    func boundsAliases(asNames: Bool) {
        var text = "l0: &l0 [x]\n"
        for level in 1...10 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            text += asNames ? "l\(level): &l\(level) {[\(aliases)]: 1}\n" : "l\(level): &l\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: ManifestFailure.self) { try Self.parse(text) }
        let reason =
            asNames ? "with this many aliases the name of a field must be a text" : "aliases make too many values"
        #expect(error?.reason == reason)
    }

    @Test(.timeLimit(.minutes(30)), arguments: ["[", "{a: ", "- ", "? "])
    func boundsTheDepth(_ open: String) {
        for depth in [201, 900, 20_000] {
            #expect(throws: ManifestFailure.self) { try Self.parse(String(repeating: open, count: depth)) }
            let closed =
                String(repeating: open, count: depth) + String(repeating: open == "[" ? "]" : "}", count: depth)
            #expect(throws: ManifestFailure.self) { try Self.parse(closed) }
        }
    }

    /// Only that it ends, in documents or an error.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func neverTraps(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let text = Array("a: &x [1, 'b', \"c\\u0041\"]\nb: {<<: *y, c: |\n  d\n}\n---\n? *x\n: !!int 0x1\n# e\n".utf8)
        for _ in 0..<300 {
            var bytes = text
            for _ in 0..<(1 + Int(random.next() % 5)) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
                }
            }
            let parsed = ParsedManifest(bytes, file: "a.yaml")
            for failure in parsed.failures { #expect(!failure.description.isEmpty) }
        }
    }
}
