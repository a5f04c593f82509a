import KubeAPI

extension TableColumns {
    static let networking: [String: Printer] = [
        "/Service": service,
        "/Endpoints": { [.string($0.name), .string(endpoints($0)), $0.age] },
        "discovery.k8s.io/EndpointSlice": slice,
        "networking.k8s.io/Ingress": ingress,
        "networking.k8s.io/IngressClass": { row in
            let group = row.text("spec", "parameters", "apiGroup")
            let parameters = row["spec", "parameters"].map { parameters in
                "\(parameters["kind"]?.string ?? "")\(group.isEmpty ? "" : ".\(group)")/\(parameters["name"]?.string ?? "")"
            }
            return [
                .string(row.name), .string(row.text("spec", "controller")), .string(parameters ?? "<none>"), row.age,
            ]
        },
        "networking.k8s.io/NetworkPolicy": { [.string($0.name), $0.selector("spec", "podSelector"), $0.age] },
        "networking.k8s.io/IPAddress": { [.string($0.name), .string(parent($0))] },
        "networking.k8s.io/ServiceCIDR": { row in
            [
                .string(row.name), .string(row.array("spec", "cidrs").compactMap(\.string).joined(separator: ",")),
                row.age,
            ]
        },
    ]

    private static func service(_ row: PrintedRow) -> [JSONValue] {
        let ports = row.array("spec", "ports").map { port in
            let node = port["nodePort"]?.integer ?? 0
            return "\(port["port"]?.integer ?? 0)\(node > 0 ? ":\(node)" : "")/\(port["protocol"]?.string ?? "TCP")"
        }
        return [
            .string(row.name), .string(row.text("spec", "type")),
            row.array("spec", "clusterIPs").first ?? .string(row.text("spec", "clusterIP").orElse("<none>")),
            .string(externalAddress(row)), .string(ports.joined(separator: ",").orElse("<none>")), row.age,
            row.labels("spec", "selector"),
        ]
    }

    private static func externalAddress(_ row: PrintedRow) -> String {
        let external = row.array("spec", "externalIPs").compactMap(\.string)
        switch row.text("spec", "type") {
        case "ClusterIP", "NodePort": return external.joined(separator: ",").orElse("<none>")
        case "LoadBalancer": return (balancers(row) + external).joined(separator: ",").orElse("<pending>")
        case "ExternalName": return row.text("spec", "externalName")
        default: return "<unknown>"
        }
    }

    private static func balancers(_ row: PrintedRow) -> [String] {
        row.array("status", "loadBalancer", "ingress").compactMap { ingress in
            let address = ingress["ip"]?.string ?? ""
            return address.isEmpty ? ingress["hostname"]?.string : address
        }
    }

    private static func endpoints(_ row: PrintedRow) -> String {
        let list = row.array("subsets").flatMap { subset -> [String] in
            let addresses = (subset["addresses"]?.array ?? []).compactMap { $0["ip"]?.string }
            let ports = (subset["ports"]?.array ?? []).compactMap { $0["port"]?.integer }
            if ports.isEmpty { return addresses }
            return ports.flatMap { port in addresses.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" } }
        }
        return listWithMore(list, ifEmpty: "<none>")
    }

    private static func slice(_ row: PrintedRow) -> [JSONValue] {
        let ports = row.array("ports").map { $0["port"]?.integer.map(String.init) ?? "*" }
        let addresses = row.array("endpoints").flatMap { ($0["addresses"]?.array ?? []).compactMap(\.string) }
        return [
            .string(row.name), .string(row.text("addressType")), .string(listWithMore(ports, ifEmpty: "<unset>")),
            .string(listWithMore(addresses, ifEmpty: "<unset>")), row.age,
        ]
    }

    private static func ingress(_ row: PrintedRow) -> [JSONValue] {
        let hosts = row.array("spec", "rules").compactMap { $0["host"]?.string }.filter { !$0.isEmpty }
        return [
            .string(row.name), .string(row.text("spec", "ingressClassName").orElse("<none>")),
            .string(listWithMore(hosts, ifEmpty: "*")), .string(balancers(row).joined(separator: ",")),
            .string(row.array("spec", "tls").isEmpty ? "80" : "80, 443"), row.age,
        ]
    }

    /// `services/default/kubernetes`
    private static func parent(_ row: PrintedRow) -> String {
        guard let parent = row["spec", "parentRef"] else { return "<none>" }
        func part(_ key: String) -> String { parent[key]?.string ?? "" }
        let resource = part("resource") + (part("group").isEmpty ? "" : ".\(part("group"))")
        return [resource.lowercased(), part("namespace"), part("name")].filter { !$0.isEmpty }.joined(separator: "/")
    }
}
