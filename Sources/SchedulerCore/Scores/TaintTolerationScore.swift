import KubeSchema

/// Avoids nodes with taints of the effect PreferNoSchedule that the pod does not tolerate.
enum TaintTolerationScore: ScorePlugin {
    static let name = PluginName.taintToleration

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        Score(tolerations: pod.tolerations)
    }

    private struct Score: NodeScore {
        let tolerations: [Toleration]

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            guard !info.node.taints.isEmpty else { return 0 }
            return info.node.taints.reduce(0) { count, taint in
                taint.effect == .preferNoSchedule && !tolerations.tolerate(taint) ? count + 1 : count
            }
        }

        func normalise(_ scores: inout [Int64], places: [Int]) { scores.normaliseByMaximum(reversed: true) }
    }
}
