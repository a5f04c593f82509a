/// How many service ports use a thing that the kernel holds once.
struct UseCounts<Thing: Hashable & Sendable>: Sendable {
    private var counts: [Thing: Int] = [:]

    var things: Dictionary<Thing, Int>.Keys { counts.keys }

    /// Takes up the change and returns what came to be and what ceased to be used.
    mutating func replace(_ old: Set<Thing>, with new: Set<Thing>) -> (added: [Thing], deleted: [Thing]) {
        var added: [Thing] = []
        var deleted: [Thing] = []
        for thing in new where !old.contains(thing) {
            counts[thing, default: 0] += 1
            if counts[thing] == 1 { added.append(thing) }
        }
        for thing in old where !new.contains(thing) {
            guard let count = counts[thing] else { continue }
            counts[thing] = count > 1 ? count - 1 : nil
            if count == 1 { deleted.append(thing) }
        }
        return (added, deleted)
    }
}
