/// Required pod affinity and anti-affinity, of the pod itself and of the pods that are there.
enum InterPodAffinityFilter: FilterPlugin {
    static let name = PluginName.interPodAffinity

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        let namespaceLabels = cluster.labels(ofNamespace: pod.key.namespace)
        var existing: [TermCounts] = []
        for entry in cluster.carriedTerms.matching(pod, namespaceLabels: namespaceLabels)
        where entry.carried.kind == .requiredAnti {
            var counts = TermCounts(entry.carried.term, DomainCounts(cluster.domains(entry.carried.term.topologyKey)))
            counts.domains.add(entry.bearers)
            existing.append(counts)
        }
        let affinities = pod.affinities
        guard !(existing.isEmpty && affinities.required.isEmpty && affinities.requiredAnti.isEmpty) else {
            return .skip
        }
        // Affinity is about pods that match all terms.
        let all = PodQuery(terms: affinities.required.map(\.pods), countsTerminating: true)
        var required: [TermCounts] = []
        for term in affinities.required { required.append(count(term, all, &cluster)) }
        var anti: [TermCounts] = []
        for term in affinities.requiredAnti {
            anti.append(count(term, PodQuery(terms: [term.pods], countsTerminating: true), &cluster))
        }
        return .check(
            Filter(
                pod: pod, namespaceLabels: namespaceLabels,
                matchesItself: all.matches(pod, namespaceLabels: namespaceLabels), query: all, required: required,
                anti: anti, existing: existing))
    }

    private static func count(_ term: PodAffinityTerm, _ query: PodQuery, _ cluster: inout Cluster) -> TermCounts {
        var counts = TermCounts(term, DomainCounts(cluster.domains(term.topologyKey)))
        counts.domains.add(cluster.counts(query))
        return counts
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        let terms = pod.affinities.required + pod.affinities.requiredAnti
        switch event {
        case .nodeAdded(let node): return terms.isEmpty || terms.contains { node.labels[$0.topologyKey] != nil }
        case .nodeChanged(let old, let new): return old.labels != new.labels
        case .podPlaced(let other):
            return pod.affinities.required.contains { $0.pods.mayMatch(other) }
        case .podGone(let other):
            return !other.affinities.requiredAnti.isEmpty
                || pod.affinities.requiredAnti.contains { $0.pods.mayMatch(other) }
        case .podChanged(let old, let new):
            return terms.contains { $0.pods.mayMatch(old) != $0.pods.mayMatch(new) }
        case .namespaceChanged: return terms.contains { $0.pods.namespaceSelector != nil }
        default: return false
        }
    }

    private struct TermCounts: Sendable {
        let term: PodAffinityTerm
        var domains: DomainCounts

        init(_ term: PodAffinityTerm, _ domains: DomainCounts) {
            self.term = term
            self.domains = domains
        }
    }

    private struct Filter: NodeFilter {
        private static let affinity = Refusal(
            name, ["node(s) didn't match pod affinity rules"], isResolvable: false)
        private static let antiAffinity = Refusal(
            name, ["node(s) didn't match pod anti-affinity rules"], isResolvable: true)
        private static let existingAntiAffinity = Refusal(
            name, ["node(s) didn't satisfy existing pods anti-affinity rules"], isResolvable: true)

        let pod: Pod
        let namespaceLabels: [String: String]
        let matchesItself: Bool
        let query: PodQuery
        var required: [TermCounts]
        var anti: [TermCounts]
        var existing: [TermCounts]

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            if !satisfiesAffinity(at: place) { return Self.affinity }
            if anti.contains(where: { ($0.domains.count(at: place) ?? 0) > 0 }) { return Self.antiAffinity }
            if existing.contains(where: { ($0.domains.count(at: place) ?? 0) > 0 }) {
                return Self.existingAntiAffinity
            }
            return nil
        }

        private func satisfiesAffinity(at place: Int) -> Bool {
            guard !required.isEmpty else { return true }
            var isNear = true
            for term in required {
                guard let count = term.domains.count(at: place) else { return false }
                if count <= 0 { isNear = false }
            }
            // The first of a series that wants to be together.
            return isNear || (matchesItself && required.allSatisfy(\.domains.isEmpty))
        }

        mutating func imagine(
            _ other: Pod, on info: NodeInfo, at place: Int, change: Int64, in cluster: inout Cluster
        ) {
            let labels = cluster.labels(ofNamespace: other.key.namespace)
            if !required.isEmpty, query.matches(other, namespaceLabels: labels) {
                for index in required.indices { required[index].domains.add(change, at: place) }
            }
            for index in anti.indices where anti[index].term.pods.matches(other, namespaceLabels: labels) {
                anti[index].domains.add(change, at: place)
            }
            for term in other.affinities.requiredAnti where term.pods.matches(pod, namespaceLabels: namespaceLabels) {
                let known = existing.firstIndex { $0.term == term }
                if known == nil { existing.append(TermCounts(term, DomainCounts(cluster.domains(term.topologyKey)))) }
                existing[known ?? existing.count - 1].domains.add(change, at: place)
            }
        }
    }
}

extension PodTerm {
    /// Without knowledge of the namespace's labels.
    fileprivate func mayMatch(_ pod: Pod) -> Bool {
        (namespaceSelector != nil || namespaces.contains(pod.key.namespace)) && selector.matches(pod.labels)
    }
}
