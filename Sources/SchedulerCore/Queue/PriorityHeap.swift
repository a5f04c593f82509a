/// A binary heap: the element with the smallest rank first.
struct PriorityHeap<Rank: Comparable & Sendable, Element: Sendable>: Sendable {
    private var items: [(rank: Rank, element: Element)] = []

    var first: Rank? { items.first?.rank }
    var count: Int { items.count }

    mutating func insert(_ rank: Rank, _ element: Element) {
        items.append((rank, element))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].rank < items[parent].rank else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popFirst() -> (rank: Rank, element: Element)? {
        guard let last = items.popLast() else { return nil }
        guard let first = items.first else { return last }
        items[0] = last
        var parent = 0
        while true {
            let (left, right) = (2 * parent + 1, 2 * parent + 2)
            var least = parent
            if left < items.count, items[left].rank < items[least].rank { least = left }
            if right < items.count, items[right].rank < items[least].rank { least = right }
            if least == parent { return first }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
