import StoreCore

/// Which kind has which strategy; the others are plain.
public struct StrategyTable: Sendable {
    private let byKind: [String: any ObjectStrategy]

    public init(store: any Store, network: ServiceNetwork, eventLifetimeSeconds: Int64 = 3600) {
        let events = EventStrategy(lifetimeSeconds: eventLifetimeSeconds)
        byKind = [
            "/Service": ServiceStrategy(store: store, network: network),
            "/Pod": PodStrategy(),
            "/Namespace": NamespaceStrategy(),
            "/Node": NodeStrategy(),
            "/ReplicationController": ReplicationControllerStrategy(),
            "/PersistentVolume": PersistentVolumeStrategy(),
            "/PersistentVolumeClaim": PersistentVolumeClaimStrategy(),
            "/Event": events,
            "events.k8s.io/Event": events,
            "batch/Job": JobStrategy(),
            "scheduling.k8s.io/PriorityClass": PriorityClassStrategy(),
            "batch/CronJob": CronJobStrategy(),
            "apiextensions.k8s.io/CustomResourceDefinition": CustomResourceDefinitionStrategy(),
            "certificates.k8s.io/CertificateSigningRequest": CertificateSigningRequestStrategy(),
        ]
    }

    public subscript(group: String, kind: String) -> any ObjectStrategy {
        byKind["\(group)/\(kind)"] ?? PlainStrategy()
    }
}
