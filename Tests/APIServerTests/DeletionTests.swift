import KubeAPI
import Testing

@testable import APIServer

/// What becomes of an object whose deletion is asked for, again and again.
struct DeletionTests {
    private static func going(_ left: Int64) -> JSONValue {
        [
            "metadata": [
                "name": "p", "generation": 2, "deletionTimestamp": "2026-01-01T00:01:00Z",
                "deletionGracePeriodSeconds": .integer(left),
            ]
        ]
    }

    @Test func graceIsOnlyEverShortened() {
        let fresh: JSONValue = ["metadata": ["name": "p"]]
        #expect(Deletion.grace(fresh, requested: 5, period: 5) == 5)
        #expect(Deletion.grace(fresh, requested: 5, period: nil) == 0)
        let going = Self.going(60)
        // Without a wish, or with a longer one, it goes as it was going.
        #expect(Deletion.grace(going, requested: nil, period: 30) == nil)
        #expect(Deletion.grace(going, requested: 60, period: 60) == nil)
        #expect(Deletion.grace(going, requested: 10, period: 10) == 10)
        #expect(Deletion.grace(going, requested: 0, period: 0) == 0)
        #expect(Deletion.grace(Self.going(0), requested: nil, period: 30) == 0)
    }

    @Test func aShorterGraceCountsFromTheFirstRequest() {
        let now: Int64 = 1_767_225_630_000_000_000
        let shorter = Deletion.marked(Self.going(60), finalizers: [], grace: 10, now: now)
        #expect(shorter.meta("deletionTimestamp") == "2026-01-01T00:00:10Z")
        #expect(shorter[path: "metadata", "deletionGracePeriodSeconds"] == 10)
        #expect(shorter[path: "metadata", "generation"] == 2)
        #expect(Deletion.marked(Self.going(60), finalizers: [], grace: 60, now: now) == Self.going(60))
        let first = Deletion.marked(["metadata": ["generation": 1]], finalizers: ["a/b"], grace: 0, now: now)
        #expect(first.meta("deletionTimestamp") == "2026-01-01T00:00:30Z")
        #expect(first[path: "metadata", "generation"] == 2 && first[path: "metadata", "finalizers"] == ["a/b"])
    }
}
