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
    /// As kubectl's STATUS: what a container waits for, else the phase.
    public let state: String
    public let restarts: Int64
    public let isReady: Bool
    /// Its work is done, and it need not be ready.
    public var isCompleted: Bool { state == "Completed" }

    init(_ json: JSONValue) {
        namespace = json["metadata"]?["namespace"]?.string ?? ""
        name = json["metadata"]?["name"]?.string ?? ""
        labels = Self.texts(json["metadata"]?["labels"])
        node = json["spec"]?["nodeName"]?.string ?? ""
        address = json["status"]?["podIP"]?.string ?? ""
        let containers = json["status"]?["containerStatuses"]?.array ?? []
        state = Self.state(json, containers)
        restarts = containers.reduce(0) { $0 + ($1["restartCount"]?.integer ?? 0) }
        isReady = NodeView.isTrue(json, "Ready")
    }

    static func texts(_ json: JSONValue?) -> [String: String] {
        (json?.object?.members ?? []).reduce(into: [:]) { $0[$1.key] = $1.value.string }
    }

    private static func state(_ json: JSONValue, _ containers: [JSONValue]) -> String {
        if json["metadata"]?["deletionTimestamp"] != nil { return "Terminating" }
        let phase = json["status"]?["phase"]?.string ?? ""
        if phase == "Succeeded" { return "Completed" }
        if let reason = json["status"]?["reason"]?.string { return reason }
        let waiting = containers.compactMap { $0["state"]?["waiting"]?["reason"]?.string }
        return waiting.first ?? (phase.isEmpty ? "Unknown" : phase)
    }
}

extension ServiceView {
    func selects(_ labels: [String: String]) -> Bool {
        !selector.isEmpty && selector.allSatisfy { labels[$0.key] == $0.value }
    }
}

/// A Service as people see it.
public struct ServiceView: Sendable, Hashable, Codable {
    public let namespace: String
    public let name: String
    public let type: String
    public let clusterIP: String
    /// Of its load balancer, and its own `externalIPs`.
    public let externalIPs: [String]
    public let selector: [String: String]
    /// `80/TCP`, with its node port `80:30080/TCP`.
    public let ports: [String]

    init(_ json: JSONValue) {
        namespace = json["metadata"]?["namespace"]?.string ?? ""
        name = json["metadata"]?["name"]?.string ?? ""
        type = json["spec"]?["type"]?.string ?? ""
        clusterIP = json["spec"]?["clusterIP"]?.string ?? ""
        selector = PodView.texts(json["spec"]?["selector"])
        let balancers = json["status"]?["loadBalancer"]?["ingress"]?.array ?? []
        externalIPs =
            balancers.compactMap { $0["ip"]?.string }
            + (json["spec"]?["externalIPs"]?.array ?? []).compactMap(\.string)
        ports = (json["spec"]?["ports"]?.array ?? []).map { port in
            let node = port["nodePort"]?.integer.map { ":\($0)" } ?? ""
            return "\(port["port"]?.integer ?? 0)\(node)/\(port["protocol"]?.string ?? "")"
        }
    }
}
