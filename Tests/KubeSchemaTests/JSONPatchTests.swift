import KubeAPI
import KubeSchema
import Testing

struct JSONPatchTests {
    /// Document, patch, result; nil when it is refused.
    static let table: [(String, String, String?)] = [
        // RFC 6902, appendix A.
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"foo":"bar","baz":"qux"}"#),
        (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
        (#"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#, #"{"baz":"boo"}"#),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
        ),
        (
            #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#
        ),
        (
            #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            #"{"baz":"qux","foo":["a",2,"c"]}"#
        ),
        (#"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, nil),
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            #"{"foo":"bar","child":{"grandchild":{}}}"#
        ),
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#, #"{"foo":"bar","baz":"qux"}"#),
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, nil),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, nil),
        (
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            #"{"foo":["bar",["abc","def"]]}"#
        ),
        // Beyond the appendix.
        (#"{"a":{"x":1,"y":2}}"#, #"[{"op":"test","path":"/a","value":{"y":2,"x":1}}]"#, #"{"a":{"x":1,"y":2}}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, #"{"a":1}"#),
        (#"{"a":1}"#, #"[{"op":"copy","from":"/a","path":"/b"},{"op":"remove","path":"/a"}]"#, #"{"b":1}"#),
        (#"{"a":[1,2,3]}"#, #"[{"op":"remove","path":"/a/-1"}]"#, #"{"a":[1,2]}"#),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, nil),
        (#"{"a":{}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, nil),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
        (
            #"{"metadata":{"labels":{"a.b/c":"d"}}}"#, #"[{"op":"remove","path":"/metadata/labels/a.b~1c"}]"#,
            #"{"metadata":{"labels":{}}}"#
        ),
        (#"{"a":1}"#, #"[{"op":"frob","path":"/a"}]"#, nil),
        (#"{"a":1}"#, "[{}]", nil),
    ]

    @Test(arguments: table.indices)
    func follows(_ index: Int) throws {
        let (document, patch, expected) = Self.table[index]
        let result = try? JSONPatch.apply(JSONParser.parse(patch), to: JSONParser.parse(document))
        #expect(try result == expected.map { try JSONParser.parse($0) })
    }

    @Test func refusalsHaveUpstreamsCodesAndWords() throws {
        #expect(
            throws: PatchRefusal(
                .badRequest, "error decoding patch: json: cannot unmarshal object into Go value of type []interface {}")
        ) {
            try JSONPatch.apply([:], to: [:])
        }
        let many = JSONValue.array(Array(repeating: ["op": "test", "path": "/a"], count: 10_001))
        let error = try #require(throws: PatchRefusal.self) { try JSONPatch.apply(many, to: [:]) }
        #expect(error.status.code == 413)
        #expect(error.status.message == "The allowed maximum operations in a JSON patch is 10000, got 10001")
        let failed = try #require(throws: PatchRefusal.self) {
            try JSONPatch.apply([["op": "test", "path": "/a", "value": 1]], to: ["a": 2])
        }
        #expect(failed.status.code == 422)
        #expect(failed.status.reason == "Invalid")
        #expect(failed.status.message == "the server rejected our request due to an error in our request")
    }

    @Test func cannotGrowWithoutBound() throws {
        let doubling = JSONValue.array((0..<64).map { ["op": "copy", "from": "", "path": .string("/a\($0)")] })
        #expect(throws: PatchRefusal.self) {
            try JSONPatch.apply(doubling, to: ["text": .string(String(repeating: "x", count: 1000))])
        }
        let nesting = JSONValue.array(
            (0..<300).flatMap { _ -> [JSONValue] in
                [
                    ["op": "move", "from": "/a", "path": "/b"], ["op": "add", "path": "/a", "value": [:]],
                    ["op": "move", "from": "/b", "path": "/a/a"],
                ]
            })
        #expect(throws: PatchRefusal.self) { try JSONPatch.apply(nesting, to: ["a": 1]) }
    }
}

struct MergePatchTests {
    @Test(arguments: [
        // RFC 7386, appendix A, for patches that are objects.
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#), ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        (#"{"a":1,"b":2}"#, #"{"a":2,"a":3}"#, #"{"a":3,"b":2}"#),
    ])
    func follows(_ document: String, _ patch: String, _ expected: String) throws {
        #expect(
            try MergePatch.apply(JSONParser.parse(patch), to: JSONParser.parse(document)) == JSONParser.parse(expected))
    }

    @Test func wantsAnObject() {
        #expect(
            throws: PatchRefusal(
                .badRequest,
                "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
        ) {
            try MergePatch.apply([], to: [:])
        }
    }

    @Test func takesManyMembersInLinearTime() throws {
        let document = JSONValue.object(JSONObject((0..<50_000).map { .init("k\($0)", .integer(Int64($0))) }))
        let patch = JSONValue.object(JSONObject((0..<50_000).map { .init("k\($0)", $0 % 2 == 0 ? .null : "x") }))
        let start = ContinuousClock.now
        #expect(try MergePatch.apply(patch, to: document).object?.members.count == 25_000)
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
