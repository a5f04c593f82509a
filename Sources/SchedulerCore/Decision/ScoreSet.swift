/// The scores that have something to say about one pod.
enum ScoreSet {
    static let plugins: [any ScorePlugin.Type] = [
        TaintTolerationScore.self, NodeAffinityScore.self, NodeResourcesScore.self, PodTopologySpreadScore.self,
        InterPodAffinityScore.self, BalancedAllocation.self, ImageLocality.self,
    ]

    static func columns(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> [Explanation.Column] {
        var columns: [Explanation.Column] = []
        for plugin in plugins {
            guard let weight = profile.weights[plugin.name], weight > 0,
                let score = plugin.prepare(pod, feasible: feasible, in: &cluster, profile: profile)
            else { continue }
            var scores = feasible.map { score.score(of: cluster.nodes[$0], at: $0) }
            score.normalise(&scores, places: feasible)
            columns.append(.init(plugin: plugin.name, weight: weight, scores: scores))
        }
        return columns
    }
}
