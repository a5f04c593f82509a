import KubeAPI

/// Which objects of a kind are known, and which a list in progress has not mentioned yet. Pure.
struct ListProgress {
    private var known: Set<NamespacedName> = []
    /// Set while a list is being read: what it has not mentioned so far.
    private var unmentioned: Set<NamespacedName>?
    private(set) var isComplete = false

    mutating func begin() { unmentioned = known }

    mutating func mention(_ name: NamespacedName) {
        known.insert(name)
        unmentioned?.remove(name)
    }

    mutating func remove(_ name: NamespacedName) {
        known.remove(name)
        unmentioned?.remove(name)
    }

    /// Ends the list; returns what is gone.
    mutating func end() -> [NamespacedName] {
        let gone = unmentioned ?? []
        known.subtract(gone)
        unmentioned = nil
        isComplete = true
        return gone.sorted()
    }
}
