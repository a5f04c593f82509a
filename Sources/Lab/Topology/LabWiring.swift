import Namespaces
import NetTypes
import Routes

/// Connects the namespaces of a lab as its plan says. All links hang on the node: they go when its namespace goes.
struct LabWiring {
    let plan: LabPlan
    let node: Place
    let client: Place
    /// Parallel to `plan.pods`.
    let pods: [Place]

    func connect() throws {
        for place in [client] + pods { try place.namespace.run { NamespaceSettings.apply(forwards: false) } }
        try node.namespace.run {
            NamespaceSettings.apply(forwards: true)
            var routes = try RouteSocket()
            try routes.createVeth("eth0", peer: "eth0", inNamespace: client.namespace.descriptor)
            for (index, pod) in pods.enumerated() {
                try routes.createVeth("veth\(index)", peer: "eth0", inNamespace: pod.namespace.descriptor)
            }
        }
        try client.namespace.run { try Self.addOutside(plan.clientAddresses) }
        for (pod, place) in zip(plan.pods, pods) { try place.namespace.run { try Self.addPod(pod) } }
        try node.namespace.run {
            try Self.addOutside(plan.nodeAddresses)
            for (index, pod) in plan.pods.enumerated() { try Self.addPodLink("veth\(index)", pod) }
            try Self.addDefaults(via: plan.clientAddresses)
        }
        try client.namespace.run { try Self.addDefaults(via: plan.nodeAddresses) }
    }

    /// The first address of each family becomes the usual source: of equals, the kernel takes the oldest IPv4 address
    /// and the newest IPv6 one.
    private static func addOutside(_ addresses: [IPAddress]) throws {
        var routes = try RouteSocket()
        for address in addresses.filter({ $0.family == .ipv4 }) + addresses.reversed().filter({ $0.family == .ipv6 }) {
            let length = LabPlan.outsidePrefixLength(address.family)
            try routes.addAddress(address, prefixLength: length, to: "eth0")
        }
        try routes.setUp("eth0")
    }

    /// The first address of each family is the gateway.
    private static func addDefaults(via addresses: [IPAddress]) throws {
        var routes = try RouteSocket()
        for family in IPFamily.allCases {
            guard let gateway = addresses.first(where: { $0.family == family }) else { continue }
            try routes.addRoute(.default(via: gateway, link: "eth0"))
        }
    }

    private static func addPod(_ pod: LabPlan.Pod) throws {
        var routes = try RouteSocket()
        for address in pod.addresses {
            try routes.addAddress(address, prefixLength: address.family.bits, to: "eth0")
        }
        try routes.setUp("eth0")
        for gateway in LabPlan.podGateways {
            try routes.addRoute(Route(CIDR(host: gateway), link: "eth0"))
            try routes.addRoute(.default(via: gateway, link: "eth0"))
        }
    }

    private static func addPodLink(_ name: String, _ pod: LabPlan.Pod) throws {
        var routes = try RouteSocket()
        for gateway in LabPlan.podGateways {
            try routes.addAddress(gateway, prefixLength: gateway.family.bits, to: name)
        }
        try routes.setUp(name)
        for address in pod.addresses { try routes.addRoute(Route(CIDR(host: address), link: name)) }
    }
}
