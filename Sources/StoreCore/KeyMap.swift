/// Key-values in key order. Two levels: an array of chunks of at most 256, so that a change moves a few kilobytes
/// whatever the size, and copies share all chunks that neither has changed since.
struct KeyMap: Sendable {
    private static let largest = 256

    /// Never empty arrays.
    private var chunks: [[KeyValue]] = []
    private(set) var count = 0

    /// An ordered sequence without duplicates.
    init(sorted elements: some Sequence<KeyValue> = []) {
        var chunk: [KeyValue] = []
        for element in elements {
            chunk.append(element)
            count += 1
            if chunk.count == Self.largest / 2 {
                chunks.append(chunk)
                chunk = []
            }
        }
        if !chunk.isEmpty { chunks.append(chunk) }
    }

    /// The chunk that holds the key or that it would go to.
    private func chunkIndex(_ key: Bytes) -> Int {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if key.precedes(chunks[middle][0].key) { high = middle } else { low = middle + 1 }
        }
        return max(0, low - 1)
    }

    /// The first position in a chunk whose key does not precede `key`.
    private static func position(_ key: Bytes, in chunk: [KeyValue]) -> Int {
        var low = 0
        var high = chunk.count
        while low < high {
            let middle = (low + high) / 2
            if chunk[middle].key.precedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    subscript(key: Bytes) -> KeyValue? {
        guard !chunks.isEmpty else { return nil }
        let chunk = chunks[chunkIndex(key)]
        let position = Self.position(key, in: chunk)
        return position < chunk.count && chunk[position].key == key ? chunk[position] : nil
    }

    /// Returns what was there.
    @discardableResult
    mutating func set(_ keyValue: KeyValue) -> KeyValue? {
        guard !chunks.isEmpty else {
            chunks = [[keyValue]]
            count = 1
            return nil
        }
        let index = chunkIndex(keyValue.key)
        let position = Self.position(keyValue.key, in: chunks[index])
        if position < chunks[index].count, chunks[index][position].key == keyValue.key {
            let old = chunks[index][position]
            chunks[index][position] = keyValue
            return old
        }
        chunks[index].insert(keyValue, at: position)
        count += 1
        if chunks[index].count > Self.largest { split(index) }
        return nil
    }

    private mutating func split(_ index: Int) {
        let half = chunks[index].count / 2
        let rest = Array(chunks[index][half...])
        chunks[index].removeSubrange(half...)
        chunks.insert(rest, at: index + 1)
    }

    /// Returns what was there.
    @discardableResult
    mutating func remove(_ key: Bytes) -> KeyValue? {
        guard !chunks.isEmpty else { return nil }
        let index = chunkIndex(key)
        let position = Self.position(key, in: chunks[index])
        guard position < chunks[index].count, chunks[index][position].key == key else { return nil }
        let old = chunks[index].remove(at: position)
        count -= 1
        if chunks[index].isEmpty {
            chunks.remove(at: index)
        } else if index + 1 < chunks.count, chunks[index].count + chunks[index + 1].count < Self.largest / 4 {
            chunks[index] += chunks.remove(at: index + 1)
        }
        return old
    }

    /// Calls `body` for each key of the range in order until it returns false.
    func forEach(in range: KeyRange, _ body: (KeyValue) -> Bool) {
        if range.isSingle {
            if let found = self[range.start] { _ = body(found) }
            return
        }
        guard !chunks.isEmpty, !range.isEmpty, let end = range.end else { return }
        var index = chunkIndex(range.start)
        var position = Self.position(range.start, in: chunks[index])
        while index < chunks.count {
            let chunk = chunks[index]
            while position < chunk.count {
                if !end.isEmpty, !chunk[position].key.precedes(end) { return }
                guard body(chunk[position]) else { return }
                position += 1
            }
            index += 1
            position = 0
        }
    }

    func elements(in range: KeyRange) -> [KeyValue] {
        var found: [KeyValue] = []
        forEach(in: range) {
            found.append($0)
            return true
        }
        return found
    }

    /// How many keys the range has; whole chunks are not looked into.
    func count(in range: KeyRange) -> Int {
        if range.isSingle { return self[range.start] == nil ? 0 : 1 }
        guard !chunks.isEmpty, !range.isEmpty, let end = range.end else { return 0 }
        let first = chunkIndex(range.start)
        let start = Self.position(range.start, in: chunks[first])
        let last = end.isEmpty ? chunks.count - 1 : chunkIndex(end)
        let stop = end.isEmpty ? chunks[last].count : Self.position(end, in: chunks[last])
        if first == last { return stop - start }
        return chunks[first].count - start + chunks[(first + 1)..<last].reduce(0) { $0 + $1.count } + stop
    }
}
