/// A binary heap: the element that comes before all others is first.
public struct PriorityHeap<Element> {
    private var elements: [Element] = []
    private let precedes: @Sendable (Element, Element) -> Bool

    /// `precedes` is a strict weak order.
    public init(_ precedes: @escaping @Sendable (Element, Element) -> Bool) { self.precedes = precedes }

    public var first: Element? { elements.first }
    public var count: Int { elements.count }
    public var isEmpty: Bool { elements.isEmpty }

    public mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(elements[child], elements[parent]) else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    public mutating func popFirst() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        guard !elements.isEmpty else { return first }
        elements[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < elements.count && precedes(elements[child], elements[least]) {
                least = child
            }
            guard least != parent else { return }
            elements.swapAt(parent, least)
            parent = least
        }
    }
}

extension PriorityHeap: Sendable where Element: Sendable {}
