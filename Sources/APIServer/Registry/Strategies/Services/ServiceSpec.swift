import KubeAPI
import NetTypes

/// A Service's specification, by the fields that allocation reads and writes.
struct ServiceSpec: Sendable {
    var json: JSONValue

    init(_ service: JSONValue) { json = service["spec"] ?? .emptyObject }

    var type: String { json["type"]?.string ?? "ClusterIP" }
    var isExternalName: Bool { type == "ExternalName" }
    var isLoadBalancer: Bool { type == "LoadBalancer" }
    /// From outside the cluster.
    var isExternallyAccessible: Bool {
        isLoadBalancer || type == "NodePort"
            || !isExternalName && !(json["externalIPs"]?.array?.isEmpty ?? true)
    }
    var isHeadless: Bool { clusterIPs.first == "None" }
    var hasSelector: Bool { !(json["selector"]?.object?.members.isEmpty ?? true) }

    /// Takes node ports for its ports.
    var wantsNodePorts: Bool {
        type == "NodePort" || type == "LoadBalancer" && json["allocateLoadBalancerNodePorts"]?.bool != false
    }

    var wantsHealthCheckNodePort: Bool {
        type == "LoadBalancer" && json["externalTrafficPolicy"]?.string == "Local"
    }

    var clusterIPs: [String] {
        get {
            if let list = json["clusterIPs"]?.array?.compactMap(\.string), !list.isEmpty { return list }
            return json["clusterIP"]?.string.flatMap { $0.isEmpty ? nil : [$0] } ?? []
        }
        set {
            json[path: "clusterIPs"] = newValue.isEmpty ? nil : .array(newValue.map(JSONValue.string))
            json[path: "clusterIP"] = newValue.first.map(JSONValue.string)
        }
    }

    /// `IPv4`, `IPv6`.
    var families: [String] {
        get { json["ipFamilies"]?.array?.compactMap(\.string) ?? [] }
        set { json[path: "ipFamilies"] = newValue.isEmpty ? nil : .array(newValue.map(JSONValue.string)) }
    }

    var familyPolicy: String? {
        get { json["ipFamilyPolicy"]?.string }
        set { json[path: "ipFamilyPolicy"] = newValue.map(JSONValue.string) }
    }

    var ports: [JSONValue] {
        get { json["ports"]?.array ?? [] }
        set { json[path: "ports"] = newValue.isEmpty ? nil : .array(newValue) }
    }

    var healthCheckNodePort: Int64 {
        get { json["healthCheckNodePort"]?.integer ?? 0 }
        set { json[path: "healthCheckNodePort"] = newValue == 0 ? nil : .integer(newValue) }
    }

    /// The cluster IPs it has; without those that are still to be chosen, and without "None".
    var addresses: Set<IPAddress> { isExternalName ? [] : Set(clusterIPs.compactMap { IPAddress($0) }) }

    /// Every port of the nodes that it has.
    var takenPorts: Set<UInt16> {
        let own = ports.compactMap { UInt16(exactly: $0["nodePort"]?.integer ?? 0) }
        return Set(own + [UInt16(exactly: healthCheckNodePort) ?? 0]).subtracting([0])
    }
}

extension IPFamily {
    /// As Services write it.
    var serviceName: String { self == .ipv4 ? "IPv4" : "IPv6" }
}
