/// Preferred pod affinity and anti-affinity, of the pod itself and of the pods that are there.
enum InterPodAffinityScore: ScorePlugin {
    static let name = PluginName.interPodAffinity

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        var sums: [String: DomainCounts] = [:]
        func add(_ key: String, _ pods: NodeCounts, _ weight: Int64) {
            guard weight != 0, !pods.isEmpty else { return }
            sums[key, default: DomainCounts(cluster.domains(key))].add(pods, times: weight)
        }
        for preference in pod.affinities.preferred {
            let query = PodQuery(terms: [preference.term.pods], countsTerminating: true)
            add(preference.term.topologyKey, cluster.counts(query), preference.weight)
        }
        let namespaceLabels = cluster.labels(ofNamespace: pod.key.namespace)
        let ignoresOthers = profile.ignoresPreferencesOfOthers && pod.affinities.preferred.isEmpty
        for entry in ignoresOthers ? [] : cluster.carriedTerms.matching(pod, namespaceLabels: namespaceLabels) {
            switch entry.carried.kind {
            case .requiredAnti: continue
            case .required: add(entry.carried.term.topologyKey, entry.bearers, profile.hardPodAffinityWeight)
            case .preferred(let weight): add(entry.carried.term.topologyKey, entry.bearers, weight)
            }
        }
        return sums.isEmpty ? nil : Score(sums: Array(sums.values))
    }

    private struct Score: NodeScore {
        let sums: [DomainCounts]

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            sums.reduce(0) { $0.addingClamped($1.count(at: place) ?? 0) }
        }

        func normalise(_ scores: inout [Int64], places: [Int]) {
            let (least, most) = (scores.min() ?? 0, scores.max() ?? 0)
            let range = Double(most) - Double(least)
            for index in scores.indices {
                let above = Double(scores[index]) - Double(least)
                scores[index] = range > 0 ? Int64(Double(maximumScore) * above / range) : 0
            }
        }
    }
}
