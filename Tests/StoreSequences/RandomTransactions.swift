import StoreCore
import TestRandom

/// Transactions over a few keys, so that they meet.
public struct RandomTransactions {
    private var random: SeededRandom

    public init(seed: Int) { random = SeededRandom(seed: UInt64(seed)) }

    mutating func key() -> Bytes {
        let letters = Array("abcd".utf8)
        return (0..<Int.random(in: 1...2, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0 }
    }

    mutating func range() -> KeyRange {
        switch Int.random(in: 0..<6, using: &random) {
        case 0...2: KeyRange(key: key())
        case 3: KeyRange(prefix: key())
        case 4: KeyRange(key: key(), rangeEnd: key())
        default: KeyRange(key: key(), rangeEnd: [0])
        }
    }

    public mutating func query(upTo revision: Revision) -> RangeQuery {
        var query = RangeQuery(range())
        if Int.random(in: 0..<3, using: &random) == 0 { query.limit = Int64.random(in: 1...3, using: &random) }
        if Bool.random(using: &random) { query.revision = Int64.random(in: 0...(revision + 1), using: &random) }
        query.sortOrder = RangeQuery.SortOrder.allCases.randomElement(using: &random) ?? .none
        query.sortTarget = RangeQuery.SortTarget.allCases.randomElement(using: &random) ?? .key
        query.keysOnly = Int.random(in: 0..<4, using: &random) == 0
        query.countOnly = Int.random(in: 0..<6, using: &random) == 0
        if Int.random(in: 0..<6, using: &random) == 0 {
            query.minModRevision = Int64.random(in: 0...revision, using: &random)
            query.maxCreateRevision = Int64.random(in: 0...revision, using: &random)
        }
        return query
    }

    mutating func compare(upTo revision: Revision) -> Compare {
        let number = Int64.random(in: 0...revision, using: &random)
        let targets: [Compare.Target] = [
            .version(Int64.random(in: 0...2, using: &random)), .createRevision(number), .modRevision(number),
            .value(key()), .lease(Int64.random(in: 0...2, using: &random)),
        ]
        let relation = Compare.Relation(rawValue: Int.random(in: 0...3, using: &random)) ?? .equal
        return Compare(range(), relation, targets.randomElement(using: &random) ?? .version(0))
    }

    mutating func operation(upTo revision: Revision, depth: Int) -> Operation {
        switch Int.random(in: 0..<(depth < 2 ? 8 : 7), using: &random) {
        case 0...3:
            var put = Operation.Put(key(), key(), lease: Int.random(in: 0..<4, using: &random) == 0 ? 7 : 0)
            put.returnsPrevious = Bool.random(using: &random)
            put.ignoresValue = Int.random(in: 0..<8, using: &random) == 0
            put.ignoresLease = Int.random(in: 0..<8, using: &random) == 0
            return .put(put)
        case 4:
            var delete = Operation.Delete(range())
            delete.returnsPrevious = Bool.random(using: &random)
            return .delete(delete)
        case 5, 6: return .range(query(upTo: revision))
        default: return .transaction(transaction(upTo: revision, depth: depth + 1))
        }
    }

    public mutating func transaction(upTo revision: Revision, depth: Int = 0) -> Transaction {
        func several(_ most: Int) -> Range<Int> { 0..<Int.random(in: 0...most, using: &random) }
        return Transaction(
            compares: several(2).map { _ in compare(upTo: revision) },
            success: several(3).map { _ in operation(upTo: revision, depth: depth) },
            failure: several(2).map { _ in operation(upTo: revision, depth: depth) })
    }
}
