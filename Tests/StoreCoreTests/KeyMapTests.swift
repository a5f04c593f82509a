import TestRandom
import Testing

@testable import StoreCore

@Suite struct KeyMapTests {
    @Test(arguments: 0..<8) func isADictionaryInOrder(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var map = KeyMap()
        var reference: [Bytes: KeyValue] = [:]
        for step in 0..<6000 {
            let key = Array("\(Int.random(in: 0..<3000, using: &random))".utf8)
            if Int.random(in: 0..<(step < 3000 ? 4 : 2), using: &random) == 0 {
                #expect(map.remove(key) == reference.removeValue(forKey: key))
            } else {
                let value = KeyValue(key: key, modRevision: Int64(step))
                #expect(map.set(value) == reference.updateValue(value, forKey: key))
            }
        }
        #expect(map.count == reference.count)
        let sorted = reference.values.sorted { $0.key.precedes($1.key) }
        #expect(map.elements(in: .all) == sorted)
        #expect(KeyMap(sorted: sorted).elements(in: .all) == sorted)
        for _ in 0..<200 {
            let start = Array("\(Int.random(in: 0..<3000, using: &random))".utf8)
            let end = Array("\(Int.random(in: 0..<3000, using: &random))".utf8)
            for range in [KeyRange(start, end), KeyRange(key: start), KeyRange(prefix: start), KeyRange(start, [])] {
                let wanted = sorted.filter { range.contains($0.key) }
                #expect(map.elements(in: range) == wanted, "\(range)")
                #expect(map.count(in: range) == wanted.count, "\(range)")
            }
        }
    }

    @Test func aCopyStaysAsItWas() {
        var map = KeyMap()
        for number in 0..<1000 { map.set(KeyValue(key: Array("\(number)".utf8))) }
        let copy = map
        for number in 0..<1000 where number % 2 == 0 { map.remove(Array("\(number)".utf8)) }
        #expect(copy.count == 1000)
        #expect(copy.elements(in: .all).count == 1000)
        #expect(map.elements(in: .all).count == 500)
    }
}
