/// Says how much a node is to be preferred.
protocol ScorePlugin: Sendable {
    static var name: PluginName { get }

    /// nil when the plugin has nothing to say about this pod. `feasible` are the places to choose from.
    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)?
}

/// Scores nodes for one pod.
protocol NodeScore: Sendable {
    /// Any number; made comparable by `normalise`.
    func score(of info: NodeInfo, at place: Int) -> Int64

    /// Puts the scores of all feasible nodes between 0 and `maximumScore`.
    func normalise(_ scores: inout [Int64], places: [Int])
}

extension NodeScore {
    func normalise(_ scores: inout [Int64], places: [Int]) {}
}

/// The best score of a node, before weights.
let maximumScore: Int64 = 100

extension [Int64] {
    /// The largest becomes 100, or 0 when `reversed`.
    mutating func normaliseByMaximum(reversed: Bool) {
        let largest = self.max() ?? 0
        for index in indices {
            let share = largest > 0 ? maximumScore * self[index] / largest : 0
            self[index] = reversed ? maximumScore - share : share
        }
    }
}
