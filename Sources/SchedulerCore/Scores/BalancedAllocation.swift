/// Prefers nodes whose resources would be used to the same share.
enum BalancedAllocation: ScorePlugin {
    static let name = PluginName.balancedAllocation

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        // A pod that asks for nothing changes no balance.
        guard profile.balancedResources.contains(where: { pod.requests[$0] > 0 }) else { return nil }
        return Score(requests: pod.requests, resources: profile.balancedResources)
    }

    private struct Score: NodeScore {
        let requests: Resources
        let resources: [String]

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            var (count, sum, squares) = (0.0, 0.0, 0.0)
            for name in resources {
                let there = info.node.allocatable[name]
                let wanted = requests[name]
                guard there > 0, wanted > 0 || name == "cpu" || name == "memory" else { continue }
                let share = min(1, Double(info.requested[name].addingClamped(wanted)) / Double(there))
                count += 1
                sum += share
                squares += share * share
            }
            guard count > 0 else { return maximumScore }
            let mean = sum / count
            let deviation = max(0, squares / count - mean * mean).squareRoot()
            return Int64((1 - deviation) * Double(maximumScore))
        }
    }
}
