import KubeAPI
import KubeSchema

/// The controller of a pod, of a kind whose pods are spread.
public struct PodController: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case replicationController = "ReplicationController"
        case replicaSet = "ReplicaSet"
        case statefulSet = "StatefulSet"
    }

    let kind: Kind
    let name: String
    let uid: String

    /// - Parameter metadata: of the pod; nil for one that nobody, or another kind, controls.
    init?(metadata: JSONValue) {
        let owner = (metadata["ownerReferences"]?.array ?? []).first { $0["controller"]?.bool == true }
        guard let owner, let kind = owner["kind"]?.string.flatMap(Kind.init) else { return nil }
        self.kind = kind
        name = owner["name"]?.string ?? ""
        uid = owner["uid"]?.string ?? ""
    }
}

/// Which pods a Service selects.
public struct ServiceSelector: Sendable, Hashable {
    public let key: NamespacedName
    let labels: [String: String]
    let selector: LabelSelector

    public init(json: JSONValue) throws(DecodingFailure) {
        key = try NamespacedName(ofObject: json)
        let pairs = json["spec"]?["selector"]
        labels = pairs.labels
        selector = LabelSelector(labels: pairs)
    }

    func matches(_ pod: [String: String]) -> Bool { labels.allSatisfy { pod[$0.key] == $0.value } }
}

/// Which pods a ReplicationController, ReplicaSet or StatefulSet selects.
public struct ControllerSelector: Sendable, Hashable {
    public let key: NamespacedName
    let uid: String
    let selector: LabelSelector

    public init(json: JSONValue) throws(DecodingFailure) {
        key = try NamespacedName(ofObject: json)
        uid = json["metadata"]?["uid"]?.string ?? ""
        let selector = json["spec"]?["selector"]
        // Of a ReplicationController labels alone.
        guard selector?["matchLabels"]?.object != nil || selector?["matchExpressions"]?.array != nil else {
            self.selector = LabelSelector(labels: selector)
            return
        }
        do {
            self.selector = try LabelSelector(json: selector)
        } catch {
            throw DecodingFailure("spec.selector", "\(error)")
        }
    }
}

extension NamespacedName {
    fileprivate init(ofObject json: JSONValue) throws(DecodingFailure) {
        guard let name = json["metadata"]?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        self.init(namespace: json["metadata"]?["namespace"]?.string ?? "", name: name)
    }
}
