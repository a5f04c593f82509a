import KubeAPI

/// What binding reads of a storage.k8s.io/v1 StorageClass.
public struct StorageClass: Sendable, Hashable {
    /// All of the terms' expressions hold; a term without expressions matches nothing.
    typealias Topology = [String: Set<String>]

    public let name: String
    public let provisioner: String
    /// WaitForFirstConsumer: claims are bound when a pod that uses them has a node.
    public let waitsForConsumer: Bool
    /// One of these must match a node's labels; empty when volumes can be made for any node.
    let topologies: [Topology]

    /// In place of a provisioner: volumes are made by hand.
    public static let noProvisioner = "kubernetes.io/no-provisioner"

    public init(json: JSONValue) throws(DecodingFailure) {
        guard let name = json["metadata"]?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        self.name = name
        provisioner = json["provisioner"]?.string ?? ""
        waitsForConsumer = json["volumeBindingMode"]?.string == "WaitForFirstConsumer"
        topologies = (json["allowedTopologies"]?.array ?? []).map { term in
            let expressions = (term["matchLabelExpressions"]?.array ?? []).map { expression in
                (expression["key"]?.string ?? "", Set((expression["values"]?.array ?? []).compactMap(\.string)))
            }
            return Topology(expressions) { $0.intersection($1) }
        }
    }

    public var provisions: Bool { !provisioner.isEmpty && provisioner != Self.noProvisioner }

    /// Whether volumes can be made that a node with these labels reaches.
    public func allows(nodeLabels: [String: String]) -> Bool {
        topologies.isEmpty
            || topologies.contains { topology in
                !topology.isEmpty
                    && topology.allSatisfy { key, values in nodeLabels[key].map(values.contains) ?? false }
            }
    }

    /// Of a PersistentVolume or a PersistentVolumeClaim; empty without one. The beta annotation comes first.
    public static func name(of object: JSONValue) -> String {
        object["metadata"]?["annotations"]?[VolumeAnnotation.betaStorageClass]?.string
            ?? object["spec"]?["storageClassName"]?.string ?? ""
    }
}
