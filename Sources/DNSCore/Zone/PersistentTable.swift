/// A hash table whose copies share what did not change: a change copies the list of buckets and one bucket, so a copy for
/// readers costs little however large the table is.
struct PersistentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let hash: Int
        let key: Key
        var value: Value
    }

    /// A power of two of them.
    private var buckets: [[Entry]] = [[]]
    private(set) var count = 0
    /// Entries in a bucket on average, at most.
    private static var load: Int { 16 }

    subscript(key: Key) -> Value? {
        get {
            let hash = key.hashValue
            let bucket = buckets[position(hash)]
            for entry in bucket where entry.hash == hash && entry.key == key { return entry.value }
            return nil
        }
        set {
            let hash = key.hashValue
            let position = position(hash)
            let index = buckets[position].firstIndex { $0.hash == hash && $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): buckets[position][index].value = value
            case (let index?, nil):
                buckets[position].remove(at: index)
                count -= 1
            case (nil, let value?):
                buckets[position].append(Entry(hash: hash, key: key, value: value))
                count += 1
                if count > buckets.count * Self.load { grow() }
            case (nil, nil): break
            }
        }
    }

    private func position(_ hash: Int) -> Int { hash & (buckets.count - 1) }

    private mutating func grow() {
        let entries = buckets.joined()
        var grown: [[Entry]] = Array(repeating: [], count: buckets.count * 2)
        for entry in entries { grown[entry.hash & (grown.count - 1)].append(entry) }
        buckets = grown
    }
}
