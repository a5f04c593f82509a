import KubeAPI
import KubeSchema
import Testing

/// Random input: every operation ends, in a value or an error.
struct PatchFuzzTests {
    static let document =
        #"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a","finalizers":["x"],"labels":{"a":"b"},"managedFields":[{"manager":"m","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}}}}}]},"spec":{"replicas":1,"containers":[{"name":"a","image":"i","ports":[{"containerPort":80,"protocol":"TCP"}]},{"name":"b"}],"args":["a"],"strategy":{"type":"x"}}}"#
    static let strategic =
        #"{"metadata":{"finalizers":["y"],"$deleteFromPrimitiveList/finalizers":["x"]},"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","$patch":"delete"},{"name":"b","image":"j","ports":[{"containerPort":1}]}],"strategy":{"$retainKeys":["type"],"type":"y"},"args":null}}"#
    static let operations =
        #"[{"op":"add","path":"/spec/containers/0","value":{"name":"z"}},{"op":"move","from":"/spec/args","path":"/spec/x"},{"op":"copy","from":"/spec","path":"/spec/y"},{"op":"remove","path":"/spec/containers/-1"},{"op":"test","path":"/kind","value":"Object"},{"op":"replace","path":"/spec/replicas","value":3}]"#

    @Test(arguments: 0..<8 as Range<UInt64>)
    func patchesAndApplySurvive(_ seed: UInt64) throws {
        var random = Mutation(seed: seed)
        let (document, strategic) = (try JSONParser.parse(Self.document), try JSONParser.parse(Self.strategic))
        let operations = try JSONParser.parse(Self.operations)
        let patch = StrategicMergePatch(schema: SmallSchema.schema)
        let apply = ServerSideApply(schema: SmallSchema.schema, type: SmallSchema.object)
        let writer = ServerSideApply.Writer(manager: "m", apiVersion: "v1", now: "2026-01-02T03:04:05Z")
        var succeeded = 0
        for _ in 0..<150 {
            let (target, change) = (random.changed(document), random.changed(strategic))
            if (try? patch.apply(change, to: target, as: SmallSchema.object)) != nil { succeeded += 1 }
            if (try? MergePatch.apply(change, to: target)) != nil { succeeded += 1 }
            if (try? JSONPatch.apply(random.changed(operations), to: target)) != nil { succeeded += 1 }
            var configuration = random.changed(document)
            configuration[path: "metadata", "managedFields"] = nil
            if (try? apply.applying(configuration, to: target, by: writer, force: random.below(2) == 0)) != nil {
                succeeded += 1
            }
            _ = apply.updating(random.changed(target), from: target, by: writer)
        }
        #expect(succeeded > 0)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func selectorsAndQuantitiesSurvive(_ seed: UInt64) throws {
        var random = Mutation(seed: seed)
        let tokens = [
            "in", "notin", "(", ")", ",", "=", "==", "!=", "!", "<", ">", "\\", "a", "é", "9999999999", "Ki", "e", ".",
            "-", "E", "\0",
        ]
        for _ in 0..<400 {
            let selector = random.changed("a=b,c in (d,e),!f,g!=h", tokens: tokens)
            if let parsed = try? LabelSelector(parsing: selector) {
                #expect(try LabelSelector(parsing: parsed.description) == parsed, "\(selector)")
            }
            if let parsed = try? FieldSelector(parsing: random.changed(#"a=b\,c,d!=e"#, tokens: tokens)) {
                #expect(try FieldSelector(parsing: parsed.description) == parsed)
            }
            let text = random.changed("12.5Gi", tokens: tokens)
            if let quantity = try? Quantity(parsing: text) {
                #expect(try Quantity(parsing: quantity.text) == quantity, "\(text)")
                #expect((quantity + quantity >= quantity) == !quantity.isNegative || quantity.isZero)
                _ = (quantity.value, quantity.milliValue)
            }
        }
    }
}
