import KubeAPI
import Testing

@testable import APIServer

struct PodEvictionTests {
    private static let pod: JSONValue = [
        "metadata": ["name": "p", "labels": ["app": "a"]],
        "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
    ]

    private static func budget(allowed: Int64, app: String = "a") -> JSONValue {
        [
            "metadata": ["name": "b"], "spec": ["selector": ["matchLabels": ["app": .string(app)]]],
            "status": ["disruptionsAllowed": .integer(allowed), "desiredHealthy": 2, "currentHealthy": 2],
        ]
    }

    private static func words(_ decision: PodEviction.Decision) -> String {
        switch decision {
        case .evict: "evict"
        case .charge(let budget): "charge \(budget[path: "status", "disruptionsAllowed"]?.integer ?? -1)"
        case .refuse(let status): "\(status.code) \(status.causes.first?.message ?? "")"
        }
    }

    @Test func budgetsAreChargedOrRefuse() {
        func decide(_ budgets: [JSONValue], _ pod: JSONValue = Self.pod) -> String {
            Self.words(PodEviction.decide(pod, budgets: budgets, now: 0))
        }
        #expect(decide([]) == "evict")
        #expect(decide([Self.budget(allowed: 0, app: "other")]) == "evict")
        #expect(decide([Self.budget(allowed: 1)]) == "charge 0")
        #expect(
            decide([Self.budget(allowed: 0)])
                == "429 The disruption budget b needs 2 healthy pods and has 2 currently")
        #expect(decide([Self.budget(allowed: 1), Self.budget(allowed: 1)]) == "500 ")
        var ended = Self.pod
        ended[path: "status", "phase"] = "Failed"
        #expect(decide([Self.budget(allowed: 0)], ended) == "evict")
        var broken = Self.pod
        broken[path: "status", "conditions"] = []
        #expect(decide([Self.budget(allowed: 0)], broken) == "evict")
    }
}

extension PodEvictionTests {
    @Test func anEvictedPodSaysSo() {
        let marked = PodEviction.marked(Self.pod, now: 0)
        let conditions = marked[path: "status", "conditions"]?.array ?? []
        #expect(conditions.count == 2 && conditions[0]["type"] == "Ready")
        #expect(conditions[1]["type"] == "DisruptionTarget" && conditions[1]["status"] == "True")
        #expect(conditions[1]["message"] == "Eviction API: evicting")
        // Once is enough.
        #expect(PodEviction.marked(marked, now: 5_000_000_000) == marked)
    }
}

struct PodBindingTests {
    @Test func aPodIsBoundOnce() throws {
        let binding: JSONValue = ["metadata": ["annotations": ["a": "b"]], "target": ["kind": "Node", "name": "n"]]
        let pod: JSONValue = ["metadata": ["name": "p"], "spec": [:]]
        let bound = try PodBinding.bound(pod, binding, now: 0)
        #expect(bound[path: "spec", "nodeName"] == "n")
        #expect(bound[path: "metadata", "annotations", "a"] == "b")
        #expect(bound[path: "status", "conditions"]?.array?.first?["type"] == "PodScheduled")
        #expect {
            try PodBinding.bound(bound, binding, now: 0)
        } throws: { error in
            (error as? Status)?.message
                == #"Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n""#
        }
    }
}
