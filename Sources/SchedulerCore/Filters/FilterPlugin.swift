/// A question that each node must answer, before any pod is known.
protocol FilterPlugin: Sendable {
    static var name: PluginName { get }

    /// Looks once at the pod and the cluster, so that each node is judged quickly.
    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation

    /// Whether a pod that the plugin refused may fit after the event. Saying yes too often costs a try; saying no
    /// wrongly leaves the pod waiting for the flush.
    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool
}

enum FilterPreparation {
    /// The plugin has nothing to say about this pod.
    case skip
    case check(any NodeFilter)
    /// Only the named nodes need be looked at.
    case narrow(Set<String>, any NodeFilter)
    /// No node will do.
    case refuse(Refusal)
}

/// Judges nodes for one pod.
protocol NodeFilter: Sendable {
    /// nil when the node will do.
    func refusal(of info: NodeInfo, at place: Int) -> Refusal?

    /// What if `pod` came to the node (`change` 1) or left it (-1)? `info` is the node without regard to the change.
    mutating func imagine(_ pod: Pod, on info: NodeInfo, at place: Int, change: Int64, in cluster: inout Cluster)
}

extension NodeFilter {
    mutating func imagine(_ pod: Pod, on info: NodeInfo, at place: Int, change: Int64, in cluster: inout Cluster) {}
}

/// Why a node will not do.
public struct Refusal: Sendable, Hashable {
    public let plugin: PluginName
    /// In upstream's words; several when several resources are short.
    public let reasons: [String]
    /// Whether it could do once pods of it are gone.
    public let isResolvable: Bool

    init(_ plugin: PluginName, _ reasons: [String], isResolvable: Bool) {
        self.plugin = plugin
        self.reasons = reasons
        self.isResolvable = isResolvable
    }
}
