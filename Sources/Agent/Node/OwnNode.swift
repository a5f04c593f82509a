import KubeAPI
import KubeClient
import KubeSchema

/// The Node object as this node registers itself.
struct NodeObject: Sendable {
    let options: AgentOptions
    let machine: MachineFacts

    var labels: JSONValue {
        var labels: JSONValue = [
            "kubernetes.io/hostname": .string(options.nodeName), "kubernetes.io/os": "linux",
            "kubernetes.io/arch": .string(machine.architecture),
        ]
        for (key, value) in options.labels.sorted(by: { $0.key < $1.key }) { labels[path: key] = .string(value) }
        return labels
    }

    var fresh: JSONValue {
        var spec: JSONValue = [:]
        if !options.providerID.isEmpty { spec[path: "providerID"] = .string(options.providerID) }
        let taints = options.taints.compactMap(NodeReporter.taint)
        if !taints.isEmpty { spec[path: "taints"] = .array(taints) }
        return [
            "apiVersion": "v1", "kind": "Node",
            "metadata": ["name": .string(options.nodeName), "labels": labels], "spec": spec,
        ]
    }
}

/// The Node object that pods are admitted by.
struct OwnNode: Sendable {
    let object: NodeObject
    let reporter: NodeReporter?
    let client: KubeClient?

    /// As it was last seen, or as it will be registered.
    func known() async -> JSONValue { withAllocatable(await reporter?.node?.json ?? object.fresh) }

    /// As the API server has it now; nil when it does not say.
    func fetched() async -> JSONValue? {
        let key = NamespacedName(namespace: "", name: object.options.nodeName)
        guard let node = try? await client?.get(.nodes, key) else { return nil }
        return withAllocatable(node.json)
    }

    /// The machine knows it first.
    private func withAllocatable(_ node: JSONValue) -> JSONValue {
        var node = node
        for (name, amount) in object.machine.allocatable(pods: object.options.maximumPods) {
            node[path: "status", "allocatable", name] = .string(amount.text)
        }
        return node
    }
}
