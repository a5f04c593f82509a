import ControlLoops
import KubeAPI
import TestRandom
import Testing

@Suite struct ObjectIndexTests {
    private static func key(_ name: Int) -> NamespacedName { NamespacedName(namespace: "n", name: "\(name)") }

    @Test func objectsAreFoundByTheirIndexes() {
        var index = ObjectIndex<String>(["first": { [String($0.prefix(1))] }, "letters": { $0.map { String($0) } }])
        #expect(index.update("ab", for: Self.key(1)) == nil)
        index.update("ac", for: Self.key(2))
        #expect(index.keys("first", "a") == [Self.key(1), Self.key(2)])
        #expect(index.objects("letters", "c") == ["ac"])
        #expect(index.update("bc", for: Self.key(1)) == "ab")
        #expect(index.keys("first", "a") == [Self.key(2)])
        #expect(Set(index.values("first")) == ["a", "b"] && index.values("nothing").isEmpty)
        #expect(Set(index.objects("letters", "c")) == ["ac", "bc"])
        #expect(index.remove(Self.key(1)) == "bc")
        #expect(index.values("first") == ["a"])
        #expect(index.keys("first", "b").isEmpty && index[Self.key(1)] == nil && index.count == 1)
        #expect(index.keys("nothing", "b").isEmpty)
    }

    /// Against a search through everything.
    @Test(arguments: 0..<10) func indexesSayWhatASearchSays(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var index = ObjectIndex<[String]>(["all": { $0 }])
        var model: [NamespacedName: [String]] = [:]
        for _ in 0..<500 {
            let key = Self.key(Int(random.next() % 20))
            if random.next() % 3 == 0 {
                index.remove(key)
                model[key] = nil
            } else {
                let values = (0..<random.next() % 4).map { _ in "v\(random.next() % 5)" }
                index.update(values, for: key)
                model[key] = values
            }
        }
        for value in (0..<5).map({ "v\($0)" }) {
            #expect(
                index.keys("all", value) == Set(model.filter { $0.value.contains(value) }.keys), "seed \(seed)")
        }
    }
}

@Suite struct ExpectationsTests {
    typealias Subject = Expectations<String, ContinuousClock.Instant>
    let start = ContinuousClock.now

    @Test func nothingIsDoneUntilWhatWasAskedForIsSeen() {
        var expectations = Subject()
        #expect(expectations.isSatisfied("a", now: start))
        expectations.expect(creations: 2, deletions: ["x"], of: "a", now: start)
        #expect(!expectations.isSatisfied("a", now: start) && expectations.isSatisfied("b", now: start))
        expectations.creationObserved("a")
        expectations.deletionObserved("a", uid: "y")
        expectations.deletionObserved("a", uid: "x")
        #expect(!expectations.isSatisfied("a", now: start))
        expectations.creationObserved("a")
        expectations.creationObserved("a")
        #expect(expectations.isSatisfied("a", now: start))
    }

    @Test func theyAreGivenUpAfterTheirTime() {
        var expectations = Subject(timeout: .seconds(10))
        expectations.expect(creations: 1, of: "a", now: start)
        #expect(!expectations.isSatisfied("a", now: start + .seconds(10)))
        #expect(expectations.isSatisfied("a", now: start + .seconds(11)))
        expectations.expect(creations: 1, of: "b", now: start)
        expectations.forget("b")
        #expect(expectations.isSatisfied("b", now: start))
        expectations.expect(of: "c", now: start)
        #expect(expectations.isSatisfied("c", now: start))
    }
}
