/// Prefers nodes with much (LeastAllocated), with little (MostAllocated) or with a given share of their resources in use
/// (RequestedToCapacityRatio).
enum NodeResourcesScore: ScorePlugin {
    static let name = PluginName.nodeResourcesFit

    static func prepare(
        _ pod: Pod, feasible: [Int], in cluster: inout Cluster, profile: Profile
    ) -> (any NodeScore)? {
        Score(requests: pod.requests, assumed: pod.assumedRequests, arguments: profile.fit)
    }

    private struct Score: NodeScore {
        let requests: Resources
        let assumed: Resources
        let arguments: Profile.FitArguments

        func score(of info: NodeInfo, at place: Int) -> Int64 {
            var sum: Int64 = 0
            var weights: Int64 = 0
            for resource in arguments.resources {
                guard let (used, there) = use(of: resource.name, info) else { continue }
                sum += resource.weight * share(used, there)
                weights += resource.weight
            }
            guard weights > 0 else { return 0 }
            if case .ratio = arguments.strategy {
                return Int64((Double(sum) / Double(weights)).rounded())
            }
            return sum / weights
        }

        /// nil for what the node does not have, and extended resources that the pod does not want.
        private func use(of name: String, _ info: NodeInfo) -> (used: Int64, there: Int64)? {
            let there = info.node.allocatable[name]
            guard there > 0 else { return nil }
            switch name {
            case "cpu": return (info.assumed.milliCPU.addingClamped(assumed.milliCPU), there)
            case "memory": return (info.assumed.memory.addingClamped(assumed.memory), there)
            default:
                let wanted = requests[name]
                guard wanted > 0 else { return nil }
                return (info.requested[name].addingClamped(wanted), there)
            }
        }

        private func share(_ used: Int64, _ there: Int64) -> Int64 {
            switch arguments.strategy {
            case .leastAllocated:
                return used > there ? 0 : (there - used).multipliedClamped(by: maximumScore) / there
            case .mostAllocated: return min(used, there).multipliedClamped(by: maximumScore) / there
            case .ratio(let shape):
                let percent = used > there ? 100 : used.multipliedClamped(by: 100) / there
                return shape.score(at: percent)
            }
        }
    }
}
