/// topologySpreadConstraints with whenUnsatisfiable: ScheduleAnyway, and the profile's defaults for pods without any.
enum PodTopologySpreadScore: ScorePlugin {
    static let name = PluginName.podTopologySpread

    private static let hostname = "kubernetes.io/hostname"

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        let spread = PodSpread(of: pod, required: false, in: cluster, profile)
        let constraints = spread.constraints
        guard !constraints.isEmpty else { return nil }
        let eligibility = SpreadEligibility(pod, keys: spread.neededKeys, in: &cluster)
        var keys: [TopologyIndex.Domains] = []
        for constraint in constraints { keys.append(cluster.domains(constraint.topologyKey)) }
        let ranked =
            spread.isStrict ? feasible.filter { place in keys.allSatisfy { $0.at(place) >= 0 } } : feasible
        let places = cluster.orderedPlaces()
        var terms: [Term] = []
        for (constraint, domains) in zip(constraints, keys) {
            let size =
                constraint.topologyKey == hostname
                ? ranked.count : Set(ranked.lazy.map { domains.at($0) }.filter { $0 >= 0 }).count
            terms.append(
                Term(
                    counts: SpreadCounts(constraint, eligibility, &cluster, places).counts,
                    weight: NaturalLogarithm.of(size + 2), skew: Double(constraint.maxSkew - 1)))
        }
        return Score(terms: terms, isStrict: spread.isStrict)
    }

    private struct Term: Sendable {
        let counts: DomainCounts
        /// So that a key with few domains does not outweigh one with many.
        let weight: Double
        let skew: Double
    }

    private struct Score: NodeScore {
        /// Of nodes that lack a topology key.
        private static let unranked = Int64.min
        let terms: [Term]
        let isStrict: Bool

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            var score = 0.0
            for term in terms {
                guard let count = term.counts.count(at: place) else {
                    if isStrict { return Self.unranked }
                    continue
                }
                score += Double(count) * term.weight + term.skew
            }
            return Int64(min(score.rounded(), 1e15))
        }

        func normalise(_ scores: inout [Int64], places: [Int]) {
            let ranked = scores.filter { $0 != Self.unranked }
            let (least, most) = (ranked.min() ?? 0, ranked.max() ?? 0)
            for index in scores.indices {
                if scores[index] == Self.unranked {
                    scores[index] = 0
                } else {
                    scores[index] = most == 0 ? maximumScore : maximumScore * (most + least - scores[index]) / most
                }
            }
        }
    }
}
