/// Pods that match all of the terms.
struct PodQuery: Sendable, Hashable {
    let terms: [PodTerm]
    /// Whether pods that are being deleted count.
    let countsTerminating: Bool

    func matches(_ pod: Pod, namespaceLabels: [String: String]) -> Bool {
        (countsTerminating || !pod.isTerminating)
            && terms.allSatisfy { $0.matches(pod, namespaceLabels: namespaceLabels) }
    }
}

/// Answers, for questions asked before, how many matching pods each node has, without walking the pods: counts follow
/// each pod that comes and goes.
struct PodQueryIndex: Sendable {
    private struct Entry: Sendable {
        let query: PodQuery
        var counts: NodeCounts
        var lastUse: Int
    }

    /// Questions remembered; the longest unused are forgotten first.
    static let capacity = 2048

    private var ids: [PodQuery: Int] = [:]
    private var entries: [Int: Entry] = [:]
    private var buckets = TermBuckets()
    private var nextID = 0
    private var uses = 0

    /// The counts of a question that is known.
    mutating func counts(_ query: PodQuery) -> NodeCounts? {
        guard let id = ids[query] else { return nil }
        uses += 1
        entries[id]?.lastUse = uses
        return entries[id]?.counts
    }

    mutating func remember(_ query: PodQuery, _ counts: NodeCounts) {
        guard let first = query.terms.first else { return }
        if entries.count >= Self.capacity { forgetHalf() }
        uses += 1
        ids[query] = nextID
        entries[nextID] = Entry(query: query, counts: counts, lastUse: uses)
        buckets.insert(nextID, first.selector)
        nextID += 1
    }

    mutating func change(_ pod: Pod, namespaceLabels: [String: String], at place: Int, by change: Int32) {
        guard !entries.isEmpty else { return }
        for id in buckets.candidates(pod.labels) {
            guard entries[id]?.query.matches(pod, namespaceLabels: namespaceLabels) == true else { continue }
            entries[id]?.counts.change(place, by: change)
        }
    }

    /// Labels of a namespace changed: answers that depend on such labels are not known any more.
    mutating func forgetNamespaceSelectors() {
        forget(entries.filter { $0.value.query.terms.contains { $0.namespaceSelector != nil } }.map(\.key))
    }

    private mutating func forgetHalf() {
        let oldest = entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(Self.capacity / 2)
        forget(oldest.map(\.key))
    }

    private mutating func forget(_ old: [Int]) {
        for id in old {
            guard let entry = entries.removeValue(forKey: id), let first = entry.query.terms.first else { continue }
            ids[entry.query] = nil
            buckets.remove(id, first.selector)
        }
    }
}
