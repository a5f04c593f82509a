import ControlLoops
import TestRandom
import Testing

@Suite struct RecentSetTests {
    @Test func theOldestAreForgotten() {
        var set = RecentSet<Int>(capacity: 3)
        for element in [1, 2, 3, 2, 4] { set.insert(element) }
        #expect((0...5).filter(set.contains) == [2, 3, 4])
        set.insert(1)
        #expect((0...5).filter(set.contains) == [1, 3, 4])
    }

    /// Against a list of what was inserted.
    @Test(arguments: [1, 2, 7]) func itKeepsTheLast(capacity: Int) {
        var set = RecentSet<UInt64>(capacity: capacity)
        var list: [UInt64] = []
        var dice = SeededRandom(seed: 11)
        for _ in 0..<500 {
            let element = dice.next() % 12
            set.insert(element)
            if !list.suffix(capacity).contains(element) { list.append(element) }
            #expect((0..<12).filter(set.contains) == Set(list.suffix(capacity)).sorted())
        }
    }
}
