import KubeAPI

/// A change of the cluster after which pods that did not fit may fit.
public enum ClusterEvent: Sendable {
    case nodeAdded(NodeDescription)
    case nodeChanged(old: NodeDescription, new: NodeDescription)
    case nodeRemoved(NodeDescription)
    /// A pod has a node now.
    case podPlaced(Pod)
    /// A pod left its node, or will soon.
    case podGone(Pod)
    /// A placed pod's labels or requests are others.
    case podChanged(old: Pod, new: Pod)
    case namespaceChanged
    case volumeChanged
    case claimChanged(NamespacedName)
    case storageClassChanged
    case volumeLimitsChanged
}
