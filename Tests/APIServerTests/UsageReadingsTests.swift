import KubeAPI
import Testing

@testable import APIServer

struct ComponentStatusTests {
    @Test func whyNobodyAnswersIsShort() {
        let refused = Status(code: 503, message: "error trying to reach service: x: Connection refused) (errno: 111))")
        #expect(
            ComponentStatuses.words(refused, port: 10_259)
                == #"Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused"#)
        #expect(
            ComponentStatuses.words(Status(code: 500, message: "no"), port: 1)
                == #"Get "https://127.0.0.1:1/healthz": no"#)
    }
}

/// What metrics.k8s.io says, from two looks at a node's summary.
@Suite struct UsageReadingsTests {
    private static func summary(node: Int64, container: Int64?) -> JSONValue {
        func used(_ cpu: Int64, _ memory: Int64) -> [String: JSONValue] {
            ["cpu": ["usageCoreNanoSeconds": .integer(cpu)], "memory": ["workingSetBytes": .integer(memory)]]
        }
        func object(_ members: [String: JSONValue], name: String? = nil) -> JSONValue {
            var object = JSONValue.emptyObject
            for (key, value) in members { object[path: key] = value }
            if let name { object[path: "name"] = .string(name) }
            return object
        }
        let containers = container.map { [object(used($0, 3 << 20), name: "c")] } ?? []
        return [
            "node": object(used(node, 4 << 30)),
            "pods": [["podRef": ["name": "p", "uid": "u"], "containers": .array(containers)]],
        ]
    }

    private static func readings(container: (Int64?, Int64?) = (0, 0)) -> UsageReadings {
        UsageReadings(
            before: summary(node: 5_000_000_000, container: container.0),
            after: summary(node: 5_500_000_000, container: container.1), elapsed: .milliseconds(1250),
            timestamp: "2026-01-02T03:04:05Z")
    }

    @Test func aNodesUseIsOverTheTimeBetween() throws {
        let node: JSONValue = ["metadata": ["name": "n", "labels": ["zone": "a"], "uid": "x"]]
        let metrics = try #require(Self.readings().node(node))
        #expect(metrics["usage"] == ["cpu": "400000000n", "memory": "4194304Ki"])
        #expect(metrics["window"] == "1.25s")
        #expect(
            metrics["metadata"]
                == ["name": "n", "labels": ["zone": "a"], "creationTimestamp": "2026-01-02T03:04:05Z"])
    }

    @Test func aPodHasTheContainersThatWereThereBothTimes() throws {
        let pod: JSONValue = ["metadata": ["name": "p", "namespace": "d", "uid": "u"]]
        let metrics = try #require(Self.readings(container: (1000, 2_501_000)).pod(pod))
        #expect(metrics["containers"] == [["name": "c", "usage": ["cpu": "2000000n", "memory": "3072Ki"]]])
        #expect(Self.readings(container: (nil, 1000)).pod(pod) == nil)
        // One that began anew has used less than before.
        #expect(Self.readings(container: (2000, 1000)).pod(pod) == nil)
        #expect(Self.readings().pod(["metadata": ["uid": "other"]]) == nil)
    }
}
