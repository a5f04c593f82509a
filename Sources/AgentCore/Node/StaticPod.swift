import KubeAPI

/// Pods from files: the node runs them without an API server, which gets to see a copy, the mirror pod.
public enum StaticPod {
    public static let source = "kubernetes.io/config.source"
    public static let hash = "kubernetes.io/config.hash"
    public static let mirror = "kubernetes.io/config.mirror"

    /// A pod of a file as this node's: named after it, its identity from its content.
    /// - Parameter identity: of the content, 32 hexadecimal digits.
    public static func make(_ json: JSONValue, node: String, identity: String) throws(DecodingFailure) -> APIObject {
        var json = json
        let name = json["metadata"]?["name"]?.string ?? ""
        guard !name.isEmpty else { throw DecodingFailure("metadata.name", "required") }
        json[path: "apiVersion"] = "v1"
        json[path: "kind"] = "Pod"
        json[path: "metadata", "name"] = .string("\(name)-\(node.lowercased())")
        if json["metadata"]?["namespace"]?.string?.isEmpty ?? true { json[path: "metadata", "namespace"] = "default" }
        json[path: "metadata", "uid"] = .string(identity)
        json[path: "metadata", "annotations", source] = "file"
        json[path: "metadata", "annotations", hash] = .string(identity)
        json[path: "spec", "nodeName"] = .string(node)
        // It must stay where it is.
        json[path: "spec", "tolerations"] = .array(
            (json["spec"]?["tolerations"]?.array ?? []) + [["operator": "Exists", "effect": "NoExecute"]])
        json[path: "status"] = nil
        return try APIObject(json: json)
    }

    public static func isStatic(_ pod: APIObject) -> Bool { pod.annotation(source) == "file" }

    /// What the API server shows of it; its spec may name no service account, secret or config map.
    public static func mirror(of pod: APIObject, nodeUID: String, node: String) -> JSONValue {
        var json = pod.json
        json[path: "metadata", "uid"] = nil
        json[path: "metadata", "resourceVersion"] = nil
        json[path: "metadata", "annotations", mirror] = .string(pod.annotation(hash) ?? "")
        json[path: "metadata", "ownerReferences"] = [
            [
                "apiVersion": "v1", "kind": "Node", "name": .string(node), "uid": .string(nodeUID), "controller": true,
            ]
        ]
        return json
    }

    /// True for the copy of a static pod, which no one runs.
    public static func isMirror(_ pod: APIObject) -> Bool { pod.annotation(mirror) != nil }

    /// True when `mirror` shows `pod` as it is now.
    public static func isCurrent(_ mirrored: APIObject, of pod: APIObject) -> Bool {
        !mirrored.isBeingDeleted && mirrored.annotation(mirror) == pod.annotation(hash)
    }
}
