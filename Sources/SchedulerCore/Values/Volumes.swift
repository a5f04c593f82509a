import KubeAPI

/// What scheduling reads of a PersistentVolume.
public struct PersistentVolume: Sendable, Hashable {
    public let name: String
    /// spec.nodeAffinity.required
    let nodes: NodeSelector?

    public init(json: JSONValue) throws(DecodingFailure) {
        guard let name = json["metadata"]?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        self.name = name
        guard let required = json["spec"]?["nodeAffinity"]?["required"], required != .null else {
            nodes = nil
            return
        }
        do { nodes = try NodeSelector(json: required) } catch { throw error.under("spec.nodeAffinity.required") }
    }
}

/// What scheduling reads of a PersistentVolumeClaim.
public struct PersistentVolumeClaim: Sendable, Hashable {
    public let key: NamespacedName
    /// Empty while it is not bound.
    let volumeName: String
    let storageClass: String
    let isTerminating: Bool
    /// The volume plugin says it is lost.
    let isLost: Bool

    public init(json: JSONValue) throws(DecodingFailure) {
        let metadata = json["metadata"]
        guard let name = metadata?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        key = NamespacedName(namespace: metadata?["namespace"]?.string ?? "", name: name)
        volumeName = json["spec"]?["volumeName"]?.string ?? ""
        storageClass = json["spec"]?["storageClassName"]?.string ?? ""
        isTerminating = metadata?["deletionTimestamp"]?.string != nil
        isLost = json["status"]?["phase"]?.string == "Lost"
    }
}
