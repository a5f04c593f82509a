import KubeSchema

/// Preferred node affinity.
enum NodeAffinityScore: ScorePlugin {
    static let name = PluginName.nodeAffinity

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        let preferences = pod.nodeSelection.preferred + (profile.addedNodeSelection?.preferred ?? [])
        return preferences.isEmpty ? nil : Score(preferences: preferences)
    }

    private struct Score: NodeScore {
        let preferences: [NodeSelection.Preference]

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            preferences.reduce(0) { sum, preference in
                preference.term.matches(info.node) ? sum.addingClamped(preference.weight) : sum
            }
        }

        func normalise(_ scores: inout [Int64], places: [Int]) { scores.normaliseByMaximum(reversed: false) }
    }
}
