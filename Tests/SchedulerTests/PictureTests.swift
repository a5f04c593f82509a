import KubeAPI
import KubeClient
import SchedulerCore
import Testing

@testable import Scheduler

@Suite struct PictureTests {
    private func event(_ name: String) throws -> ReflectorEvent<Watched<NodeDescription>> {
        .upsert(try Watched(json: ["metadata": ["name": .string(name), "resourceVersion": "1"]]))
    }

    private func words(_ changes: [Picture<NodeDescription>.Change]) -> [String] {
        changes.map { change in
            switch change {
            case .set(let key, _): "set \(key)"
            case .removed(let key): "removed \(key)"
            case .complete: "complete"
            case .unreadable(let key, let reason): "unreadable \(key?.name ?? "?"): \(reason)"
            }
        }
    }

    @Test func aNewPictureSaysWhatIsGone() throws {
        var picture = Picture<NodeDescription>()
        var heard: [String] = []
        let bad = NamespacedName(namespace: "", name: "c")
        let events: [ReflectorEvent<Watched<NodeDescription>>] = [
            .replaceBegin, try event("a"), try event("b"), try event("c"), .replaceEnd,
            .delete(NamespacedName(namespace: "", name: "a")), .replaceBegin, try event("d"),
            .malformed(bad, reason: "odd"), .replaceEnd,
        ]
        for event in events { heard += words(picture.changes(event)) }
        #expect(
            heard == [
                "set a", "set b", "set c", "complete", "removed a", "set d", "unreadable c: odd", "removed b",
                "complete",
            ])
    }

    @Test func aResourceThatIsNotServedIsEmpty() {
        var picture = Picture<NodeDescription>()
        #expect(words(picture.changes(.notServed)) == ["complete"])
    }
}
