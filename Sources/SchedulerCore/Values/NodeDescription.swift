import KubeAPI
import KubeSchema

/// What scheduling reads of a node. Immutable, so that it is shared and never copied.
public final class NodeDescription: Sendable {
    public let name: String
    public let labels: [String: String]
    public let taints: [Taint]
    public let isUnschedulable: Bool
    public let allocatable: Resources
    /// Bytes by each name of an image that is there.
    let images: [String: Int64]

    static let zoneLabel = "topology.kubernetes.io/zone"
    static let regionLabel = "topology.kubernetes.io/region"

    /// core/v1 Node.
    public init(json: JSONValue) throws(DecodingFailure) {
        guard let name = json["metadata"]?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        self.name = name
        labels = json["metadata"]?["labels"].labels ?? [:]
        taints = [Taint](node: json)
        isUnschedulable = json["spec"]?["unschedulable"]?.bool ?? false
        do { allocatable = try Resources(list: json["status"]?["allocatable"]) } catch {
            throw error.under("status.allocatable")
        }
        var images: [String: Int64] = [:]
        for image in json["status"]?["images"]?.array ?? [] {
            let size = image["sizeBytes"]?.integer ?? 0
            for name in (image["names"]?.array ?? []).compactMap(\.string) { images[name] = size }
        }
        self.images = images
    }

    /// Of no node: fills free places.
    init() {
        name = ""
        labels = [:]
        taints = []
        isUnschedulable = true
        allocatable = Resources()
        images = [:]
    }

    /// Region and zone.
    var zone: [String] { [labels[Self.regionLabel] ?? "", labels[Self.zoneLabel] ?? ""] }
}

extension NodeSelectorTerm {
    func matches(_ node: NodeDescription) -> Bool { matches(name: node.name, labels: node.labels) }
}

extension NodeSelector {
    func matches(_ node: NodeDescription) -> Bool { matches(name: node.name, labels: node.labels) }
}

extension NodeSelection {
    func allows(_ node: NodeDescription) -> Bool { allows(name: node.name, labels: node.labels) }
}
