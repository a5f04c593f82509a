/// The plugins, by upstream's names.
public enum PluginName: String, Sendable, Hashable, CaseIterable {
    case schedulingGates = "SchedulingGates"
    case nodeUnschedulable = "NodeUnschedulable"
    case nodeName = "NodeName"
    case taintToleration = "TaintToleration"
    case nodeAffinity = "NodeAffinity"
    case nodePorts = "NodePorts"
    case nodeResourcesFit = "NodeResourcesFit"
    case volumeRestrictions = "VolumeRestrictions"
    case nodeVolumeLimits = "NodeVolumeLimits"
    case volumeBinding = "VolumeBinding"
    case volumeZone = "VolumeZone"
    case podTopologySpread = "PodTopologySpread"
    case interPodAffinity = "InterPodAffinity"
    case balancedAllocation = "NodeResourcesBalancedAllocation"
    case imageLocality = "ImageLocality"
    case defaultPreemption = "DefaultPreemption"
}
