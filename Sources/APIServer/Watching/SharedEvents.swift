import KubeAPI
import StoreCore
import Synchronization

/// What is made of a change is made once for all watchers: its frame in each form, and its trees for selectors. Bounded;
/// what has fallen out is made again. Of use as long as watchers take up the change: a moment.
final class SharedEvents: Sendable {
    struct Key: Hashable, Sendable {
        let revision: Revision
        let key: Bytes
        let apiVersion: String
        let type: WatchEncoder.EventType
        let form: OutputForm
        let rowObjects: TableRows.IncludeObject
    }

    struct TreeKey: Hashable, Sendable {
        let revision: Revision
        let key: Bytes
        let apiVersion: String
        let isPrevious: Bool
    }

    private struct State {
        var frames = EventCache<Key, [UInt8]>()
        var trees = EventCache<TreeKey, JSONValue>()
    }

    private let state = Mutex(State())
    private let mostFrames: Int
    private let mostBytes: Int

    init(mostFrames: Int = 4096, mostBytes: Int = 8 << 20) {
        self.mostFrames = mostFrames
        self.mostBytes = mostBytes
    }

    /// `make` may run more than once when watchers ask at the same time.
    func frame(_ key: Key, _ make: () throws -> [UInt8]) rethrows -> [UInt8] {
        if let frame = state.withLock({ $0.frames[key] }) { return frame }
        let frame = try make()
        state.withLock { $0.frames.insert(key, frame, cost: frame.count, most: mostFrames, mostCost: mostBytes) }
        return frame
    }

    func tree(_ key: TreeKey, cost: Int, _ make: () throws -> JSONValue) rethrows -> JSONValue {
        if let tree = state.withLock({ $0.trees[key] }) { return tree }
        let tree = try make()
        state.withLock { $0.trees.insert(key, tree, cost: cost, most: mostFrames, mostCost: mostBytes / 4) }
        return tree
    }

    /// At a quiet time.
    func forget() { state.withLock { $0 = State() } }
}

/// Forgets the oldest.
struct EventCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Key: (value: Value, cost: Int)] = [:]
    private var order: [Key] = []
    private var head = 0
    private var cost = 0

    subscript(key: Key) -> Value? { values[key]?.value }

    mutating func insert(_ key: Key, _ value: Value, cost new: Int, most: Int, mostCost: Int) {
        guard values[key] == nil else { return }
        values[key] = (value, new)
        order.append(key)
        cost += new
        while order.count - head > most || cost > mostCost, order.count - head > 1 {
            if let old = values.removeValue(forKey: order[head]) { cost -= old.cost }
            head += 1
        }
        if head > 1024, head * 2 > order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
