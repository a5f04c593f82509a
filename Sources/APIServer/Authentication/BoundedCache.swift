import Synchronization

/// Keeps what was asked for lately: at most twice `limit` entries, in two generations. When the younger is full, the
/// older is dropped.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = max(1, limit) }

    subscript(key: Key) -> Value? {
        get {
            state.withLock { state in
                if let value = state.young[key] { return value }
                guard let value = state.old[key] else { return nil }
                put(key, value, &state)
                return value
            }
        }
        set {
            state.withLock { state in
                if let newValue {
                    put(key, newValue, &state)
                } else {
                    state.young[key] = nil
                    state.old[key] = nil
                }
            }
        }
    }

    var count: Int { state.withLock { $0.young.count + $0.old.count } }

    private func put(_ key: Key, _ value: Value, _ state: inout State) {
        if state.young.count >= limit, state.young[key] == nil {
            state.old = state.young
            state.young = [:]
        }
        state.old[key] = nil
        state.young[key] = value
    }
}
