import Testing

@testable import KubeAPI

@Suite struct ListReaderTests {
    static func read(_ text: String) throws -> (envelope: JSONObject, items: [JSONValue]) {
        var items: [JSONValue] = []
        let envelope = try ListReader.read(text.utf8) { items.append($0) }
        return (envelope, items)
    }

    @Test(arguments: [
        #"{"kind":"ServiceList","metadata":{"resourceVersion":"7","continue":"abc"},"items":[{"a":1},{"b":[]}]}"#,
        #" { "items" : [ {"a":1} , {"b":[]} ] , "metadata":{"resourceVersion":"7","continue":"abc"},"kind":"ServiceList"} "#,
    ])
    func splits(_ text: String) throws {
        let (envelope, items) = try Self.read(text)
        #expect(items == [["a": 1], ["b": []]])
        #expect(envelope["kind"] == "ServiceList")
        #expect(envelope["items"] == nil)
        #expect(try ListMeta(ofList: .object(envelope)) == ListMeta(resourceVersion: "7", continuation: "abc"))
    }

    @Test(arguments: [
        (#"{"items":null,"metadata":{"continue":""}}"#, 0), (#"{"items":[]}"#, 0), ("{}", 0),
        (#"{"x":{"items":[1]},"items":[2]}"#, 1),
    ])
    func countsItems(_ text: String, _ count: Int) throws {
        let (envelope, items) = try Self.read(text)
        #expect(items.count == count)
        #expect(try ListMeta(ofList: .object(envelope)) == ListMeta())
    }

    @Test(arguments: [
        (#"{"items":[{"a":1},"#, "line 1, column 19: the text ends too early, expected a value"),
        (#"{"items":[{"a":1}]"#, "line 1, column 19: the text ends too early, expected ',' or '}'"),
        (#"{"items":[1]} x"#, "line 1, column 15: expected nothing after the value"),
        ("[]", "line 1, column 1: expected '{'"),
        (#"{"items":[{"a":x}]}"#, "line 1, column 16: expected a value"),
    ])
    func refuses(_ text: String, _ message: String) {
        let error = #expect(throws: JSONError.self) { try Self.read(text) }
        #expect(error?.description == message)
    }

    @Test func refusesMetadata() {
        let json: JSONValue = ["metadata": ["resourceVersion": 7]]
        #expect(throws: DecodingFailure("metadata.resourceVersion", "must be a string, got a number")) {
            try ListMeta(ofList: json)
        }
    }
}
