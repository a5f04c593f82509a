import KubeAPI
import KubeSchema

/// By what the informers of controllers find their objects.
public enum Indexes {
    public typealias Indexer = @Sendable (APIObject) -> [String]

    /// uid of the controlling owner.
    public static let controller = "controller"
    /// Namespace of objects that nobody controls.
    public static let orphan = "orphan"
    public static let namespace = "namespace"
    /// Pods by `spec.nodeName`.
    public static let node = "node"
    /// Pods that have finished or are being deleted, all under one empty value.
    public static let ending = "ending"
    /// Pods by each `namespace/label=value`.
    public static let label = "label"
    /// Services by one pair of their selector as `namespace/label=value`.
    public static let selector = "selector"
    /// EndpointSlices by `namespace/service`.
    public static let service = "service"
    /// PersistentVolumes by `namespace/name` of the claim that they are kept for.
    public static let claim = "claim"
    /// PersistentVolumes that nobody has, and PersistentVolumeClaims that have none, by storage class.
    public static let storageClass = "storageClass"

    public static func of(_ resource: GroupVersionResource) -> [String: Indexer] {
        var indexers: [String: Indexer] = [:]
        if resource.isNamespaced { indexers[namespace] = { [$0.namespace] } }
        indexers[controller] = { $0.controller.map { [$0.uid] } ?? [] }
        switch resource {
        case APIKind.pod.resource:
            indexers[orphan] = { $0.controller == nil ? [$0.namespace] : [] }
            indexers[node] = { $0.nodeName.isEmpty ? [] : [$0.nodeName] }
            indexers[ending] = { $0.hasFinished || $0.isBeingDeleted ? [""] : [] }
            indexers[label] = { pairs($0.labels, in: $0.namespace) }
        case APIKind.replicaSet.resource, APIKind.controllerRevision.resource:
            indexers[orphan] = { $0.controller == nil ? [$0.namespace] : [] }
        case APIKind.service.resource:
            indexers[selector] = { Array(pairs($0.spec?["selector"], in: $0.namespace).sorted().prefix(1)) }
        case APIKind.endpointSlice.resource:
            indexers[service] = { slice in
                slice.label("kubernetes.io/service-name").map { ["\(slice.namespace)/\($0)"] } ?? []
            }
        case APIKind.persistentVolume.resource:
            indexers[claim] = { $0.claimOfVolume.map { ["\($0.key)"] } ?? [] }
            indexers[storageClass] = { $0.claimOfVolume == nil ? [StorageClass.name(of: $0.json)] : [] }
        case APIKind.persistentVolumeClaim.resource:
            indexers[storageClass] = { $0.isBoundClaim ? [] : [StorageClass.name(of: $0.json)] }
        default: break
        }
        return indexers
    }

    public static func pairs(_ labels: JSONValue?, in namespace: String) -> [String] {
        labels?.object?.members.map { "\(namespace)/\($0.key)=\($0.value.string ?? "")" } ?? []
    }
}
