import KubeAPI

/// What binding reads of a core/v1 PersistentVolumeClaim.
public struct PersistentVolumeClaim: Sendable, Hashable {
    public let key: NamespacedName
    public let uid: String
    public let resourceVersion: String
    /// Empty while nobody has chosen a volume.
    public let volumeName: String
    /// The binder has finished: `volumeName` is not only wished for.
    public let isBound: Bool
    /// Empty without one.
    public let storageClass: String
    public let accessModes: Set<String>
    public let request: Quantity
    /// `Filesystem` or `Block`.
    public let volumeMode: String
    public let selector: LabelSelector
    /// The node for which the scheduler has asked a provisioner to make a volume; empty without one.
    public let selectedNode: String
    /// uid of the pod that owns it, as those of generic ephemeral volumes are; empty without one.
    public let controller: String
    /// Its volume is gone.
    public let isLost: Bool
    public let isTerminating: Bool

    public init(json: JSONValue) throws(DecodingFailure) {
        let (metadata, spec) = (json["metadata"], json["spec"])
        guard let name = metadata?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        let annotations = metadata?["annotations"]
        key = NamespacedName(namespace: metadata?["namespace"]?.string ?? "", name: name)
        uid = metadata?["uid"]?.string ?? ""
        resourceVersion = metadata?["resourceVersion"]?.string ?? ""
        volumeName = spec?["volumeName"]?.string ?? ""
        isBound = !volumeName.isEmpty && annotations?[VolumeAnnotation.bindCompleted]?.string != nil
        storageClass = StorageClass.name(of: json)
        accessModes = Set((spec?["accessModes"]?.array ?? []).compactMap(\.string))
        request = Quantity(storage: spec?["resources"]?["requests"])
        volumeMode = spec?["volumeMode"]?.string ?? "Filesystem"
        selectedNode = annotations?[VolumeAnnotation.selectedNode]?.string ?? ""
        let owners = metadata?["ownerReferences"]?.array ?? []
        controller = owners.first { $0["controller"]?.bool == true }?["uid"]?.string ?? ""
        isLost = json["status"]?["phase"]?.string == "Lost"
        isTerminating = metadata?["deletionTimestamp"]?.string != nil
        guard let labels = spec?["selector"], labels != .null else {
            selector = .everything
            return
        }
        do { selector = try LabelSelector(json: labels) } catch { throw DecodingFailure("spec.selector", "\(error)") }
    }
}

/// Annotations by which the binder, the scheduler and provisioners speak with each other, by upstream's names.
public enum VolumeAnnotation {
    public static let bindCompleted = "pv.kubernetes.io/bind-completed"
    /// On what the binder tied together itself, so that it may untie it.
    public static let boundByController = "pv.kubernetes.io/bound-by-controller"
    public static let selectedNode = "volume.kubernetes.io/selected-node"
    public static let provisioner = "volume.kubernetes.io/storage-provisioner"
    public static let betaProvisioner = "volume.beta.kubernetes.io/storage-provisioner"
    /// On volumes that a provisioner made, and deletes.
    public static let provisionedBy = "pv.kubernetes.io/provisioned-by"
    public static let betaStorageClass = "volume.beta.kubernetes.io/storage-class"
}
