import TestRandom
import Testing

@testable import KubeAPI

/// Mutates good texts and demands only that reading them ends, in a value or an error.
@Suite struct FuzzTests {
    static let corpus = [
        """
        {"kind":"Service","apiVersion":"v1","metadata":{"name":"web","namespace":"shop","labels":{"a":"\\u00e9\\ud83d\\ude00"}},
        "spec":{"ports":[{"name":"http","port":80,"targetPort":"x","nodePort":30080},{"name":"b","port":1e2}],
        "clusterIPs":["10.96.0.10","fd00::10"],"type":"LoadBalancer","sessionAffinity":"ClientIP",
        "sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}},"loadBalancerSourceRanges":["10.0.0.0/8"]},
        "status":{"loadBalancer":{"ingress":[{"ip":"198.51.100.1","ipMode":"VIP"}]}}}
        """,
        """
        {"metadata":{"name":"web-abc","labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4",
        "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true},"hints":{"forZones":[{"name":"z"}]}}],
        "ports":[{"name":"http","protocol":"TCP","port":8080}]}
        """,
        """
        {"metadata":{"name":"web"},"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}]}
        """,
        """
        {"metadata":{"name":"n1"},"spec":{"podCIDR":"10.244.0.0/24","taints":[{"key":"a"}],"cidrs":["10.96.0.0/12"]},
        "status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}
        """,
        """
        {"type":"ERROR","object":{"code":410,"reason":"Expired","details":{"retryAfterSeconds":-0.5e-7,"causes":[{}]}}}
        """,
        #"{"metadata":{"resourceVersion":"1"},"items":[{"a":[1,2,3,null,true,false]},-12.5e+3]}"#,
    ].map { Array($0.utf8) }

    static let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "1", "-", "e", ".", "0",
        "99999999999999999999", "1e999", "\u{0}", "é", "\n", "\"items\":[", "{\"a\":", "[[[[[[[[",
    ].map { Array($0.utf8) }

    static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<(1 + random.below(6)) {
            let position = random.below(bytes.count + 1)
            switch random.below(5) {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            case 1: bytes.insert(contentsOf: tokens[random.below(tokens.count)], at: position)
            case 2: bytes.removeSubrange(position..<min(bytes.count, position + random.below(9)))
            case 3 where position < bytes.count: bytes[position] = UInt8(truncatingIfNeeded: random.next())
            case 4:
                let end = min(bytes.count, position + random.below(40))
                bytes.insert(contentsOf: Array(bytes[position..<end]), at: random.below(bytes.count + 1))
            default: break
            }
        }
        return bytes
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func neverTraps(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<500 { read(Self.mutate(Self.corpus[random.below(Self.corpus.count)], &random)) }
        }
        #expect(time < .seconds(20))
    }

    private func read(_ bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes) else { return }
        #expect((try? JSONParser.parse(JSONWriter.bytes(json))) == json)
        _ = try? Service(json: json)
        _ = try? EndpointSlice(json: json)
        _ = (try? Endpoints(json: json))?.mirroredSlices
        _ = try? Node(json: json)
        _ = try? ServiceCIDR(json: json)
        _ = try? Status(json: json)
        _ = try? WatchEvent(json: json)
        _ = try? ListMeta(ofList: json)
        _ = ObjectIdentity(json)
    }
}
