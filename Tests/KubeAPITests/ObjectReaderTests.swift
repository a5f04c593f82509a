import Testing

@testable import KubeAPI

@Suite struct ObjectReaderTests {
    private func read(_ json: JSONValue) throws -> [String] {
        var reader = try ObjectReader(json, collectsUnknown: true)
        _ = try reader.string("name")
        _ = try reader.object("inner") { inner throws(DecodingFailure) in _ = try inner.bool("flag") }
        _ = try reader.objects("list") { element throws(DecodingFailure) in _ = try element.double("number") }
        return reader.unknownFields
    }

    @Test(
        arguments: [
            (["name": "a", "inner": ["flag": true], "list": [["number": .double(1.5)]]], []),
            (["nam": "a", "inner": .null], ["nam"]),
            (
                ["zone": 1, "inner": ["flag": .null, "flags": 1], "list": [["number": 1], ["nummer": [:]]], "x": 2],
                ["zone", "x", "inner.flags", "list[1].nummer"]
            ),
            ([:], []),
        ] as [(JSONValue, [String])])
    func namesUnknownFields(_ json: JSONValue, _ unknown: [String]) throws {
        #expect(try read(json) == unknown)
    }

    @Test func namesFieldsGivenTwice() throws {
        #expect(try read(JSONParser.parse(#"{"name":"a","name":"b"}"#)) == ["name"])
    }

    @Test func knowsMoreThan64Members() throws {
        let members = (0..<100).map { JSONObject.Member("field\($0)", 1) }
        var reader = ObjectReader(JSONObject(members), collectsUnknown: true)
        for index in 0..<100 where index != 3 && index != 90 { _ = reader.value("field\(index)") }
        #expect(reader.unknownFields == ["field3", "field90"])
    }

    @Test func readsEveryType() throws {
        var reader = try ObjectReader(["s": "x", "b": false, "i": 7, "d": 2, "l": ["a"], "m": ["k": "v"], "n": .null])
        #expect(try reader.string("s") == "x")
        #expect(try reader.bool("b") == false)
        #expect(try reader.integer("i") == UInt8(7))
        #expect(try reader.double("d") == 2)
        #expect(try reader.strings("l") == ["a"])
        #expect(try reader.stringMap("m") == ["k": "v"])
        #expect(try reader.string("n") == nil)
        #expect(try reader.object("n") { _ throws(DecodingFailure) in 1 } == nil)
        #expect(reader.unknownFields.isEmpty)
    }

    @Test func saysWhatIsWrong() throws {
        var reader = try ObjectReader(["s": 1, "i": 300, "l": [1], "m": ["k": 2], "e": ""])
        #expect(throws: DecodingFailure("s", "must be a string, got a number")) { try reader.string("s") }
        #expect(throws: DecodingFailure("s", "must be a boolean, got a number")) { try reader.bool("s") }
        #expect(throws: DecodingFailure("l", "must be a number, got an array")) { try reader.double("l") }
        #expect(throws: DecodingFailure("i", "must be between 0 and 255, got 300")) {
            let _: UInt8? = try reader.integer("i")
        }
        #expect(throws: DecodingFailure("l[0]", "must be a string, got a number")) { try reader.strings("l") }
        #expect(throws: DecodingFailure("m[k]", "must be a string, got a number")) { try reader.stringMap("m") }
        #expect(throws: DecodingFailure("e", "required")) { try reader.requiredString("e") }
        #expect(throws: DecodingFailure("m.k", "no")) {
            try reader.object("m") { _ throws(DecodingFailure) in throw DecodingFailure("k", "no") }
        }
    }
}
