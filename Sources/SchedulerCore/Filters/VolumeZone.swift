import KubeSchema

/// Volumes whose labels name a zone or a region are had there alone: what is older than their node affinity.
enum VolumeZone: FilterPlugin {
    static let name = PluginName.volumeZone

    /// By the label's older name, which volumes may bear.
    private static let labels = [
        "failure-domain.beta.kubernetes.io/zone": NodeDescription.zoneLabel,
        "failure-domain.beta.kubernetes.io/region": NodeDescription.regionLabel,
        NodeDescription.zoneLabel: NodeDescription.zoneLabel,
        NodeDescription.regionLabel: NodeDescription.regionLabel,
    ]

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        guard !pod.claims.isEmpty else { return .skip }
        let volumes = pod.claimKeys.compactMap { cluster.storage.claims[$0]?.volumeName }
            .compactMap { cluster.storage.volumes[$0] }
        let places = volumes.flatMap { volume in
            labels.keys.compactMap { key in volume.labels[key].map { Place(key: key, values: zones($0)) } }
        }
        return places.isEmpty ? .skip : .check(Filter(places: places))
    }

    /// A volume may be in several: `a__b`.
    private static func zones(_ text: String) -> Set<String> {
        Set(text.split(separator: "__").map(String.init))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded, .volumeChanged: true
        case .nodeChanged(let old, let new): old.labels != new.labels
        case .claimChanged(let key): pod.claimKeys.contains(key)
        default: false
        }
    }

    private struct Place: Sendable {
        let key: String
        let values: Set<String>

        func includes(_ node: NodeDescription) -> Bool {
            let value = node.labels[key] ?? VolumeZone.labels[key].flatMap { node.labels[$0] }
            return value.map(values.contains) ?? false
        }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(name, ["node(s) had no available volume zone"], isResolvable: false)
        let places: [Place]

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            // A cluster without zones has nodes without labels.
            guard VolumeZone.labels.keys.contains(where: { info.node.labels[$0] != nil }) else { return nil }
            return places.allSatisfy { $0.includes(info.node) } ? nil : Self.refusal
        }
    }
}
