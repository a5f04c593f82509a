import KubeAPI
import KubeSchema
import TestRandom
import Testing

/// A random object of every type goes through both codecs and comes back the same.
struct RoundTripTests {
    @Test func everyTypeComesBackFromProtobuf() throws {
        var maker = ObjectMaker(seed: 7)
        for (index, type) in Schema.builtin.types.enumerated() {
            let reference = TypeReference(index: index)
            for _ in 0..<3 {
                let value = try Schema.builtin.normalize(maker.value(.type(reference), depth: 0), as: reference)
                #expect(value.findings.isEmpty, "\(type.name)")
                let again = try Schema.builtin.normalize(value.value, as: reference)
                #expect(again.value == value.value, "\(type.name)")
                let bytes = Schema.builtin.encodeProtobuf(value.value, as: reference)
                let decoded = try Schema.builtin.decodeProtobuf(bytes, as: reference)
                #expect(decoded == value.value, "\(type.name)")
            }
        }
    }

    /// Whatever the bytes are: an answer, and one that can be written again.
    @Test func changedBytesDoNoHarm() throws {
        var maker = ObjectMaker(seed: 11)
        var random = SeededRandom(seed: 13)
        var refused = 0
        let names = [
            "core.v1.Pod", "core.v1.Service", "core.v1.Node", "core.v1.Event", "discovery.v1.EndpointSlice",
            "apps.v1.StatefulSet", "coordination.v1.Lease",
        ]
        for round in 0..<700 {
            let type = try #require(Schema.builtin.type(named: "io.k8s.api.\(names[round % names.count])"))
            let value = try Schema.builtin.normalize(maker.value(.type(type), depth: 2), as: type).value
            var bytes = Schema.builtin.encodeProtobuf(value, as: type)
            Self.change(&bytes, &random)
            do {
                let decoded = try Schema.builtin.decodeProtobuf(bytes, as: type)
                _ = Schema.builtin.encodeProtobuf(decoded, as: type)
            } catch { refused += 1 }
        }
        #expect(refused > 100 && refused < 700)
    }

    private static func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<(1 + random.below(4)) where !bytes.isEmpty {
            let position = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[position] = UInt8(random.below(256))
            case 1: bytes[position] ^= 1 << UInt8(random.below(8))
            case 2: bytes.remove(at: position)
            default: bytes.insert(UInt8(random.below(256)), at: position)
            }
        }
    }

    /// Whole bodies of requests, in their envelopes.
    @Test func changedBodiesDoNoHarm() throws {
        var random = SeededRandom(seed: 17)
        let type = try #require(Schema.builtin.type(named: "io.k8s.api.core.v1.ConfigMap"))
        let text = String(repeating: "v", count: 400)
        let value = try JSONParser.parse(#"{"metadata":{"name":"a","labels":{"b":"c"}},"data":{"k":"\#(text)"}}"#)
        let raw = Schema.builtin.encodeProtobuf(value, as: type)
        let whole = ProtobufEnvelope.encode(apiVersion: "v1", kind: "ConfigMap", raw: raw)
        #expect(try Schema.builtin.decodeProtobuf(ProtobufEnvelope.decode(whole).raw, as: type) == value)
        var (read, refused) = (0, 0)
        for _ in 0..<500 {
            var bytes = whole
            Self.change(&bytes, &random)
            do {
                let object = try ProtobufEnvelope.object(bytes)
                #expect(JSONWriter.bytes(object).count < 100 * bytes.count)
                read += 1
            } catch { refused += 1 }
        }
        #expect(read > 50 && refused > 50)
    }
}

extension SeededRandom {
    fileprivate mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// Makes objects with the fields that protobuf carries.
struct ObjectMaker {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func value(_ shape: FieldShape, depth: Int) -> JSONValue {
        switch shape {
        case .string: return .string(["", "a", "TCP", "é\u{1F600}", "a longer text with \"quotes\""][random.below(5)])
        case .bytes: return ["aGk=", "AAECAw==", "/+8="][random.below(3)]
        case .boolean: return .bool(random.below(2) == 1)
        case .int32: return .integer([0, 1, -1, 80, Int64(Int32.max), Int64(Int32.min)][random.below(6)])
        case .int64: return .integer([0, 1, -1, Int64.max, Int64.min][random.below(5)])
        case .number: return random.below(2) == 1 ? .double(1.5) : .integer(-3)
        case .any: return ["any": [1, "x"]]
        case .array(let element):
            return .array((0...random.below(2)).map { _ in value(element, depth: depth + 1) })
        case .map(let element):
            return .object(
                JSONObject((0...random.below(2)).map { JSONObject.Member("k\($0)", value(element, depth: depth + 1)) }))
        case .type(let reference): return value(Schema.builtin[reference], depth: depth)
        }
    }

    private mutating func value(_ type: TypeDefinition, depth: Int) -> JSONValue {
        switch type.form {
        case .time: return "2026-01-02T03:04:05Z"
        case .microTime: return "1969-12-31T23:59:59.999999Z"
        case .duration: return ["1h0m0s", "1.5s", "-300ms", "0s"][random.below(4)]
        case .quantity: return ["1", "100m", "1Gi", "0"][random.below(4)]
        case .intOrString: return random.below(2) == 0 ? 80 : "http"
        case .raw, .json: return ["kind": "X", "a": [1, "x"]]
        case .list: return ["a", "b"]
        case .schemaOrBool: return .bool(random.below(2) == 1)
        case .schemaOrArray: return [["type": "string"], ["format": "x"]]
        case .schemaOrStringArray: return random.below(2) == 0 ? ["a"] : ["type": "object"]
        case .object:
            let often = depth < 4 ? 2 : depth < 7 ? 6 : 1000
            let members = type.fields.compactMap { field -> JSONObject.Member? in
                guard field.number != nil, random.below(often) == 0 else { return nil }
                return JSONObject.Member(field.name, value(field.shape, depth: depth + 1))
            }
            return .object(JSONObject(members))
        }
    }
}
