import KubeAPI
import KubeSchema
import Testing

struct StrategicMergePatchTests {
    /// What, spec, patch of spec, result.
    static let table: [(String, String, String, String)] = [
        ("scalars", #"{"replicas":1}"#, #"{"replicas":2,"paused":true}"#, #"{"replicas":2,"paused":true}"#),
        ("null deletes", #"{"replicas":1,"paused":true}"#, #"{"paused":null,"args":null}"#, #"{"replicas":1}"#),
        ("lists without strategy are replaced", #"{"args":["a","b"]}"#, #"{"args":["c"]}"#, #"{"args":["c"]}"#),
        (
            "lists merge by key", #"{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}"#,
            #"{"containers":[{"name":"b","image":"2"},{"name":"c","image":"3"}]}"#,
            #"{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c","image":"3"}]}"#
        ),
        (
            "elements are deleted", #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"a","$patch":"delete"},{"name":"x","$patch":"delete"}]}"#,
            #"{"containers":[{"name":"b"}]}"#
        ),
        (
            "lists are replaced", #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"c"},{"$patch":"replace"}]}"#, #"{"containers":[{"name":"c"}]}"#
        ),
        (
            "nested lists", #"{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"x"}]}]}"#,
            #"{"containers":[{"name":"a","ports":[{"containerPort":80,"hostIP":"1.1.1.1"},{"containerPort":81}]}]}"#,
            #"{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"x","hostIP":"1.1.1.1"},{"containerPort":81}]}]}"#
        ),
        (
            "objects are replaced", #"{"strategy":{"type":"A","other":"x"}}"#,
            #"{"strategy":{"$patch":"replace","type":"B"}}"#,
            #"{"strategy":{"type":"B"}}"#
        ),
        (
            "objects are deleted", #"{"strategy":{"type":"A"}}"#, #"{"strategy":{"$patch":"delete"}}"#,
            #"{"strategy":{}}"#
        ),
        (
            "retainKeys", #"{"strategy":{"type":"RollingUpdate","rollingUpdate":{"a":1}}}"#,
            #"{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}"#, #"{"strategy":{"type":"Recreate"}}"#
        ),
        (
            "maps merge", #"{"selector":{"a":"1","b":"2"}}"#, #"{"selector":{"b":null,"c":"3"}}"#,
            #"{"selector":{"a":"1","c":"3"}}"#
        ),
        (
            "order of elements", #"{"containers":[{"name":"a"},{"name":"b"},{"name":"s"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"c"},{"name":"b"},{"name":"a"}],"containers":[{"name":"c","image":"1"}]}"#,
            #"{"containers":[{"name":"c","image":"1"},{"name":"b"},{"name":"a"},{"name":"s"}]}"#
        ),
        (
            "order alone", #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}"#,
            #"{"containers":[{"name":"b"},{"name":"a"}]}"#
        ),
        (
            "what is new loses directives", "{}",
            #"{"containers":[{"name":"a","$patch":"delete"},{"name":"b","image":null,"$retainKeys":["name"]}],"$setElementOrder/containers":[{"name":"b"}]}"#,
            #"{"containers":[{"name":"b","image":null}]}"#
        ),
        ("wrong types give way", #"{"args":["a"]}"#, #"{"args":{"x":1}}"#, #"{"args":{"x":1}}"#),
        (
            "unknown fields merge as JSON", #"{"x":{"a":1,"l":[1]}}"#, #"{"x":{"b":2,"l":[2]}}"#,
            #"{"x":{"a":1,"l":[2],"b":2}}"#
        ),
    ]

    @Test(arguments: table.indices)
    func follows(_ index: Int) throws {
        let (what, spec, patch, expected) = Self.table[index]
        let result = try StrategicMergePatch(schema: SmallSchema.schema).apply(
            SmallSchema.json("{\"spec\":\(patch)}"), to: SmallSchema.json("{\"spec\":\(spec)}"), as: SmallSchema.object)
        let wanted = try SmallSchema.json("{\"spec\":\(expected)}")
        #expect(result.isEquivalent(to: wanted), "\(what): \(JSONWriter.text(result))")
    }

    @Test func primitiveListsMerge() throws {
        let patch = StrategicMergePatch(schema: SmallSchema.schema)
        let object = try SmallSchema.json(#"{"metadata":{"finalizers":["a","b","c"]}}"#)
        func finalizers(_ text: String) throws -> JSONValue? {
            try patch.apply(SmallSchema.json("{\"metadata\":\(text)}"), to: object, as: SmallSchema.object)[
                "metadata"]?["finalizers"]
        }
        #expect(try finalizers(#"{"finalizers":["d","a"]}"#) == ["d", "a", "b", "c"])
        #expect(try finalizers(#"{"$deleteFromPrimitiveList/finalizers":["a","x"]}"#) == ["b", "c"])
        #expect(
            try finalizers(
                #"{"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["d","a","c"],"finalizers":["d"]}"#
            )
                == ["d", "a", "c"])
    }

    @Test(arguments: [
        (
            #"{"spec":{"containers":[{"image":"x"}]}}"#, 500,
            #"map: {"image":"x"} does not contain declared merge key: name"#
        ),
        (
            #"{"spec":{"containers":[{"name":"a","$patch":"merge"}]}}"#, 500,
            "merging lists cannot yet be specified in the patch"
        ),
        (#"{"spec":{"$patch":"frob"}}"#, 500, #"unknown patch type: 'frob' in map: {"$patch":"frob"}"#),
        (#"{"spec":{"strategy":{"$retainKeys":["a"],"type":"x"}}}"#, 400, "invalid patch format of retainKeys"),
        (#"{"spec":{"$setElementOrder/containers":1}}"#, 400, "invalid patch format of setElementOrder list"),
        ("[]", 400, "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
    ])
    func refusesInUpstreamsWords(_ text: String, _ code: Int, _ message: String) throws {
        let object = try SmallSchema.json(#"{"spec":{"containers":[{"name":"a"}],"strategy":{"type":"x"}}}"#)
        let error = try #require(throws: PatchRefusal.self) {
            try StrategicMergePatch(schema: SmallSchema.schema).apply(
                SmallSchema.json(text), to: object, as: SmallSchema.object)
        }
        #expect(error.status.code == code)
        #expect(error.status.message == message)
    }
}
