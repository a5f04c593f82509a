/// The elements that were inserted last: a set of bounded size that forgets the oldest. Each insertion costs the same.
public struct RecentSet<Element: Hashable & Sendable>: Sendable {
    private let capacity: Int
    private var members: Set<Element> = []
    /// In the order of insertion, from `oldest` on and around.
    private var ring: [Element] = []
    private var oldest = 0

    /// - Parameter capacity: at least one.
    public init(capacity: Int) { self.capacity = max(1, capacity) }

    public func contains(_ element: Element) -> Bool { members.contains(element) }

    public mutating func insert(_ element: Element) {
        guard members.insert(element).inserted else { return }
        guard ring.count >= capacity else { return ring.append(element) }
        members.remove(ring[oldest])
        ring[oldest] = element
        oldest = (oldest + 1) % capacity
    }
}
