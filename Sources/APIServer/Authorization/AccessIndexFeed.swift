import Logging
import ServiceLifecycle
import StoreCore

/// Keeps an `AccessIndex` as the store is.
public struct AccessIndexFeed: ServiceLifecycle.Service {
    private let feed: ObjectFeed

    public init(_ index: AccessIndex, store: any Store, logger: Logger) {
        feed = ObjectFeed(
            [
                .init(kind: "ClusterRole", prefix: "/registry/clusterroles"),
                .init(kind: "Role", prefix: "/registry/roles", isNamespaced: true),
                .init(kind: "ClusterRoleBinding", prefix: "/registry/clusterrolebindings"),
                .init(kind: "RoleBinding", prefix: "/registry/rolebindings", isNamespaced: true),
                .init(kind: "Pod", prefix: "/registry/pods", isNamespaced: true),
                .init(kind: "PersistentVolume", prefix: "/registry/persistentvolumes"),
                .init(kind: "VolumeAttachment", prefix: "/registry/volumeattachments"),
                .init(kind: "ResourceSlice", prefix: "/registry/resourceslices"),
            ], store: store, logger: logger, upsert: index.upsert, forget: index.remove)
    }

    /// Loads everything; before the first request is answered.
    public func load() async throws { try await feed.load() }

    public func run() async throws { try await feed.run() }
}
