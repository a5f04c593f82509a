import KubeAPI
import KubeClient

/// Turns a reflector's events into single changes: remembers what there is, so that a new picture says what is gone.
struct Picture<Value: SchedulingInput>: Sendable {
    enum Change: Sendable {
        case set(NamespacedName, Value)
        case removed(NamespacedName)
        /// The first complete picture is there.
        case complete
        case unreadable(NamespacedName?, String)
    }

    private var known: Set<NamespacedName> = []
    /// Of the picture that is arriving; nil between pictures.
    private var seen: Set<NamespacedName>?

    mutating func changes(_ event: ReflectorEvent<Watched<Value>>) -> [Change] {
        switch event {
        case .replaceBegin:
            seen = []
            return []
        case .upsert(let object):
            known.insert(object.key)
            seen?.insert(object.key)
            return [.set(object.key, object.value)]
        case .replaceEnd:
            let gone = seen.map { known.subtracting($0) } ?? []
            known.subtract(gone)
            seen = nil
            return gone.sorted().map { .removed($0) } + [.complete]
        case .delete(let key):
            known.remove(key)
            return [.removed(key)]
        case .malformed(let key, let reason):
            // What was known of it stays in force.
            if let key { seen?.insert(key) }
            return [.unreadable(key, reason)]
        case .notServed: return [.complete]
        }
    }
}
