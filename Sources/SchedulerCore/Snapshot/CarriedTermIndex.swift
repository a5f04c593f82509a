/// A pod affinity term that placed pods bear, and that speaks about pods to come.
struct CarriedTerm: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case requiredAnti
        /// Scores only, by the profile's hardPodAffinityWeight.
        case required
        /// Negative for anti-affinity.
        case preferred(weight: Int64)
    }

    let term: PodAffinityTerm
    let kind: Kind
}

/// The terms of placed pods with the places of their bearers; equal terms are kept once.
struct CarriedTermIndex: Sendable {
    struct Entry: Sendable {
        let carried: CarriedTerm
        fileprivate(set) var bearers: NodeCounts
    }

    private var ids: [CarriedTerm: Int] = [:]
    private var entries: [Int: Entry] = [:]
    private var buckets = TermBuckets()
    private var nextID = 0

    mutating func change(_ pod: Pod, at place: Int, by change: Int32) {
        guard !pod.affinities.isEmpty else { return }
        for carried in pod.affinities.carried { self.change(carried, at: place, by: change) }
    }

    private mutating func change(_ carried: CarriedTerm, at place: Int, by change: Int32) {
        if let id = ids[carried] {
            entries[id]?.bearers.change(place, by: change)
            guard entries[id]?.bearers.isEmpty == true else { return }
            entries[id] = nil
            ids[carried] = nil
            buckets.remove(id, carried.term.pods.selector)
        } else if change > 0 {
            ids[carried] = nextID
            entries[nextID] = Entry(carried: carried, bearers: [Int32(truncatingIfNeeded: place): change])
            buckets.insert(nextID, carried.term.pods.selector)
            nextID += 1
        }
    }

    /// The terms that match a pod.
    func matching(_ pod: Pod, namespaceLabels: [String: String]) -> [Entry] {
        guard !entries.isEmpty else { return [] }
        return buckets.candidates(pod.labels).compactMap { id in
            guard let entry = entries[id],
                entry.carried.term.pods.matches(pod, namespaceLabels: namespaceLabels)
            else { return nil }
            return entry
        }
    }
}

extension PodAffinities {
    var carried: [CarriedTerm] {
        requiredAnti.map { CarriedTerm(term: $0, kind: .requiredAnti) }
            + required.map { CarriedTerm(term: $0, kind: .required) }
            + preferred.map { CarriedTerm(term: $0.term, kind: .preferred(weight: $0.weight)) }
    }
}
