import KubeAPI

/// A node as people see it.
public struct NodeView: Sendable, Hashable, Codable {
    public let name: String
    public let isReady: Bool
    public let address: String
    public let podCIDR: String

    init(_ json: JSONValue) {
        name = json["metadata"]?["name"]?.string ?? ""
        isReady = Self.isTrue(json, "Ready")
        address =
            json["status"]?["addresses"]?.array?.first { $0["type"]?.string == "InternalIP" }?["address"]?.string ?? ""
        podCIDR = json["spec"]?["podCIDR"]?.string ?? ""
    }

    static func isTrue(_ json: JSONValue, _ condition: String) -> Bool {
        json["status"]?["conditions"]?.array?.contains {
            $0["type"]?.string == condition && $0["status"]?.string == "True"
        } ?? false
    }
}

/// A pod as people see it.
public struct PodView: Sendable, Hashable, Codable {
    public let namespace: String
    public let name: String
    public let labels: [String: String]
    public let node: String
    public let address: String
    public let phase: String
    public let isReady: Bool

    init(_ json: JSONValue) {
        namespace = json["metadata"]?["namespace"]?.string ?? ""
        name = json["metadata"]?["name"]?.string ?? ""
        labels = (json["metadata"]?["labels"]?.object?.members ?? []).reduce(into: [:]) { $0[$1.key] = $1.value.string }
        node = json["spec"]?["nodeName"]?.string ?? ""
        address = json["status"]?["podIP"]?.string ?? ""
        let isEnding = json["metadata"]?["deletionTimestamp"] != nil
        phase = isEnding ? "Terminating" : json["status"]?["phase"]?.string ?? ""
        isReady = NodeView.isTrue(json, "Ready")
    }
}

/// A Service as people see it.
public struct ServiceView: Sendable, Hashable, Codable {
    public let namespace: String
    public let name: String
    public let type: String
    public let clusterIP: String
    /// `80/TCP`, with its node port `80:30080/TCP`.
    public let ports: [String]

    init(_ json: JSONValue) {
        namespace = json["metadata"]?["namespace"]?.string ?? ""
        name = json["metadata"]?["name"]?.string ?? ""
        type = json["spec"]?["type"]?.string ?? ""
        clusterIP = json["spec"]?["clusterIP"]?.string ?? ""
        ports = (json["spec"]?["ports"]?.array ?? []).map { port in
            let node = port["nodePort"]?.integer.map { ":\($0)" } ?? ""
            return "\(port["port"]?.integer ?? 0)\(node)/\(port["protocol"]?.string ?? "")"
        }
    }
}
