import KubeAPI

extension ServiceSpec {
    /// A client that knows the singular field alone changes that one: the list follows it.
    mutating func followClusterIP(of old: ServiceSpec) {
        let address = json["clusterIP"]?.string ?? ""
        guard address != old.json["clusterIP"]?.string ?? "", json["clusterIPs"] == old.json["clusterIPs"] else {
            return
        }
        clusterIPs = address.isEmpty ? [] : [address]
    }

    /// An update that leaves out what was allocated keeps it, as long as the type still takes it: a manifest need not
    /// know its cluster IP and node ports.
    mutating func keepAllocated(of old: ServiceSpec) {
        guard !isExternalName, !old.isExternalName else { return }
        if clusterIPs.isEmpty { clusterIPs = old.clusterIPs }
        if wantsNodePorts, old.wantsNodePorts { keepNodePorts(of: old) }
        if wantsHealthCheckNodePort, old.wantsHealthCheckNodePort, healthCheckNodePort == 0 {
            healthCheckNodePort = old.healthCheckNodePort
        }
    }

    private mutating func keepNodePorts(of old: ServiceSpec) {
        var known: [PortKey: Int64] = [:]
        for port in old.ports { known[PortKey(port)] = port["nodePort"]?.integer ?? 0 }
        var taken = Set(ports.compactMap { $0["nodePort"]?.integer })
        ports = ports.map { port in
            guard (port["nodePort"]?.integer ?? 0) == 0, let before = known[PortKey(port)], before != 0,
                taken.insert(before).inserted
            else { return port }
            var port = port
            port[path: "nodePort"] = .integer(before)
            return port
        }
    }

    private struct PortKey: Hashable {
        let proto: String
        let port: Int64

        init(_ json: JSONValue) {
            proto = json["protocol"]?.string ?? "TCP"
            port = json["port"]?.integer ?? 0
        }
    }

    /// Empties what the type does not take when it was changed: a Service that stops being a NodePort loses its ports
    /// unless the update names others.
    mutating func dropUnwanted(of old: ServiceSpec) {
        if !wantsNodePorts, old.wantsNodePorts, ports.map(Self.nodePort) == old.ports.map(Self.nodePort) {
            ports = ports.map { port in
                var port = port
                port[path: "nodePort"] = nil
                return port
            }
        }
        if !wantsHealthCheckNodePort, healthCheckNodePort == old.healthCheckNodePort { healthCheckNodePort = 0 }
        var stale: [String] = []
        if !isLoadBalancer, old.isLoadBalancer { stale += ["allocateLoadBalancerNodePorts", "loadBalancerClass"] }
        if !isExternallyAccessible, old.isExternallyAccessible { stale.append("externalTrafficPolicy") }
        for field in stale where json[field] == old.json[field] { json[path: field] = nil }
        if isExternalName, !old.isExternalName {
            if clusterIPs == old.clusterIPs { clusterIPs = [] }
            if families == old.families { families = [] }
            if familyPolicy == old.familyPolicy { familyPolicy = nil }
        }
    }

    private static func nodePort(_ port: JSONValue) -> Int64 { port["nodePort"]?.integer ?? 0 }
}
