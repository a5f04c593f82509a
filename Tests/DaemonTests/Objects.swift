import KubeAPI
import Lab
import NetTypes

/// Objects as the API server writes them, for the one node of a lab.
enum Objects {
    static let nodeName = "lab-node"

    /// Where objects of a kind are, as the API has it.
    static func path(_ object: JSONValue) -> String {
        switch object["kind"]?.string {
        case "Service": "/api/v1/services"
        case "Node": "/api/v1/nodes"
        case "EndpointSlice": "/apis/discovery.k8s.io/v1/endpointslices"
        default: "/apis/networking.k8s.io/v1/servicecidrs"
        }
    }

    static func node(taints: [JSONValue] = []) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(nodeName)],
            "spec": ["podCIDRs": .array(LabPlan.nodePodCIDRs.map { .string("\($0)") }), "taints": .array(taints)],
            "status": ["addresses": [["type": "InternalIP", "address": "10.2.0.1"]]],
        ]
    }

    /// A Service `web` at 10.96.0.10, TCP and UDP port 80, to port 8080 of its endpoints. `spec` adds to it.
    static func service(
        _ name: String = "web", clusterIP: String = "10.96.0.10", annotations: [String: String] = [:],
        spec extra: [String: JSONValue] = [:], nodePort: Int64? = nil
    ) -> JSONValue {
        let ports = ["TCP", "UDP"].map { proto -> JSONValue in
            let port: [String: JSONValue] = [
                "name": .string(proto.lowercased()), "protocol": .string(proto), "port": 80, "targetPort": 8080,
                "nodePort": nodePort.map { .integer($0) } ?? .null,
            ]
            return object(port)
        }
        let spec: [String: JSONValue] = [
            "clusterIP": .string(clusterIP), "clusterIPs": [.string(clusterIP)], "ipFamilies": ["IPv4"],
            "type": .string(nodePort == nil ? "ClusterIP" : "NodePort"), "ports": .array(ports),
        ]
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": [
                "name": .string(name), "namespace": "default", "uid": .string("uid-of-\(name)"),
                "annotations": object(annotations.mapValues { .string($0) }),
            ],
            "spec": object(spec.merging(extra) { $1 }),
        ]
    }

    /// An EndpointSlice of a Service, one for each family; pods of the lab called `pod` run on its node.
    static func slice(
        _ service: String = "web", _ addresses: [IPAddress], _ family: IPFamily = .ipv4
    ) -> JSONValue {
        let local = LabPlan.nodePodCIDRs
        let endpoints = addresses.map { address -> JSONValue in
            [
                "addresses": [.string("\(address)")], "conditions": ["ready": true],
                "nodeName": .string(local.contains { $0.contains(address) } ? nodeName : "elsewhere"),
            ]
        }
        return [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": [
                "name": .string("\(service)-\(family == .ipv4 ? 1 : 6)"), "namespace": "default",
                "labels": ["kubernetes.io/service-name": .string(service)],
            ],
            "addressType": .string(family == .ipv4 ? "IPv4" : "IPv6"), "endpoints": .array(endpoints),
            "ports": [
                ["name": "tcp", "protocol": "TCP", "port": 8080], ["name": "udp", "protocol": "UDP", "port": 8080],
            ],
        ]
    }

    /// The members that are not null.
    private static func object(_ members: [String: JSONValue]) -> JSONValue {
        .object(JSONObject(members.filter { $0.value != .null }.map { .init($0.key, $0.value) }))
    }
}
