import KubeSchema

/// How pods of one schedulerName are scheduled.
public struct Profile: Sendable {
    public var schedulerName = "default-scheduler"
    /// Filters that are left out.
    public var disabledFilters: Set<PluginName> = []
    /// Weights of the plugins that score; what is missing or zero does not score.
    public var weights: [PluginName: Int64] = Self.defaultWeights
    public var preempts = true
    /// How much of the nodes are looked for before scoring begins; 0: adapts to the size of the cluster.
    public var percentageOfNodesToScore: Int64 = 0
    var fit = FitArguments()
    var spreadDefaults = SpreadDefaults.system
    var balancedResources = ["cpu", "memory"]
    /// Affinity that every pod has besides its own.
    var addedNodeSelection: NodeSelection?
    var hardPodAffinityWeight: Int64 = 1
    var ignoresPreferencesOfOthers = false
    var preemption = PreemptionArguments()
    /// How long binding a pod's volumes may take, in nanoseconds.
    var volumeBindTimeout: Int64 = 600_000_000_000

    /// Plugins of kube-scheduler's that the profile asks for and that are not here.
    public internal(set) var absentPlugins: Set<String> = []

    public init() {}

    /// kube-scheduler's own plugins that are not here.
    static let knownAbsent: Set = [
        "EBSLimits", "GCEPDLimits", "AzureDiskLimits", "DynamicResources", "NodeDeclaredFeatures", "GangScheduling",
    ]

    public static let defaultWeights: [PluginName: Int64] = [
        .taintToleration: 3, .nodeAffinity: 2, .podTopologySpread: 2, .interPodAffinity: 2, .nodeResourcesFit: 1,
        .balancedAllocation: 1, .imageLocality: 1,
    ]

    struct FitArguments: Sendable, Equatable {
        enum Strategy: Sendable, Equatable {
            case leastAllocated
            case mostAllocated
            case ratio(ScoreShape)
        }

        struct WeightedResource: Sendable, Equatable {
            var name: String
            var weight: Int64
        }

        var strategy = Strategy.leastAllocated
        var resources = [WeightedResource(name: "cpu", weight: 1), WeightedResource(name: "memory", weight: 1)]
        var ignoredResources: Set<String> = []
        var ignoredGroups: Set<String> = []

        func ignores(_ name: String) -> Bool {
            ignoredResources.contains(name)
                || ignoredGroups.contains(String(name.prefix { $0 != "/" })) && name.contains("/")
        }
    }

    struct PreemptionArguments: Sendable, Equatable {
        var minimumCandidatesPercentage: Int64 = 10
        var minimumCandidates: Int64 = 100
    }

    /// How many feasible nodes are enough, of `count` nodes (upstream's numFeasibleNodesToFind).
    func sufficientNodes(of count: Int) -> Int {
        let (least, leastPercentage): (Int, Int64) = (100, 5)
        guard count >= least else { return count }
        var percentage = percentageOfNodesToScore
        if percentage == 0 { percentage = max(leastPercentage, 50 - Int64(count) / 125) }
        guard percentage < 100 else { return count }
        return max(least, Int(Int64(count) * percentage / 100))
    }
}

/// A line through points: which score a share in use has.
struct ScoreShape: Sendable, Equatable {
    struct Point: Sendable, Equatable {
        /// Percent.
        var utilization: Int64
        /// 0 to 10.
        var score: Int64
    }

    /// By utilization, ascending.
    var points: [Point]

    /// 0 to 100.
    func score(at utilization: Int64) -> Int64 {
        let scale = maximumScore / 10
        guard let first = points.first, let last = points.last else { return 0 }
        guard utilization > first.utilization else { return first.score * scale }
        for (low, high) in zip(points, points.dropFirst()) where utilization <= high.utilization {
            let width = high.utilization - low.utilization
            guard width > 0 else { return high.score * scale }
            return scale * low.score + scale * (high.score - low.score) * (utilization - low.utilization) / width
        }
        return last.score * scale
    }
}
