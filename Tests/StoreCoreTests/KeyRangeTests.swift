import Testing

@testable import StoreCore

@Suite struct KeyRangeTests {
    @Test(
        arguments: [
            (KeyRange(key: [1]), [1], true), (KeyRange(key: [1]), [1, 0], false),
            (KeyRange(prefix: [1]), [1, 255], true), (KeyRange(prefix: [1]), [2], false),
            (KeyRange(prefix: [1, 255]), [1, 255, 9], true), (KeyRange(prefix: [1, 255]), [2], false),
            (KeyRange(prefix: [255]), [255, 255], true), (KeyRange.all, [], true), (KeyRange.all, [9], true),
            (KeyRange(key: [5], rangeEnd: [0]), [4, 255], false), (KeyRange(key: [5], rangeEnd: [0]), [255], true),
            (KeyRange([3], [1]), [2], false),
        ] as [(KeyRange, Bytes, Bool)])
    func knowsItsKeys(range: KeyRange, key: Bytes, isInside: Bool) {
        #expect(range.contains(key) == isInside)
    }

    @Test func overlapIsSharingAKey() {
        let ends: [Bytes] = [[], [0], [1], [1, 0], [1, 5], [2], [3]]
        var keys: [Bytes] = [[]]
        for first in UInt8(0)...4 { keys += [[first]] + (UInt8(0)...6).map { [first, $0] } + [[first, 5, 5]] }
        let ranges = ends.flatMap { start in ends.map { KeyRange(start, $0) } } + ends.map { KeyRange(key: $0) }
        for one in ranges {
            for other in ranges where keys.contains(where: { one.contains($0) && other.contains($0) }) {
                #expect(one.overlaps(other), "\(one) \(other)")
            }
        }
        #expect(!KeyRange(key: [1]).overlaps(KeyRange(key: [2])))
        #expect(!KeyRange([1], [2]).overlaps(KeyRange([2], [3])))
        #expect(!KeyRange([3], [1]).overlaps(.all))
    }
}
