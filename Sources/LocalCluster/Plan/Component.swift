/// A process of the cluster: which, where, with what.
public struct Component: Sendable, Hashable {
    /// `apiserver`, or `node-1/agent`.
    public let name: String
    public let namespace: String
    /// Without the program's own name.
    public let arguments: [String]
    /// Where it listens, on the addresses of its namespace.
    public let ports: [UInt16]
    /// Listens on the machine's own loopback as well, by a socket it is given.
    public var hasDoor = false
    /// Lower ones end later.
    public var rank = 1
}

extension ClusterLayout {
    /// Every process that shall run.
    public func components(_ settings: ClusterSettings) -> [Component] {
        controlPlane() + settings.nodes.filter { !$0.isStopped }.flatMap { node($0.number, settings) }
    }

    private func controlPlane() -> [Component] {
        [
            Component(
                name: "apiserver", namespace: controlNamespace,
                arguments: [
                    "apiserver", "--data-dir", dataDirectory, "--bind-address", "\(Self.controlAddress)",
                    "--secure-port", "\(Self.apiPort)", "--service-cluster-ip-range", Self.serviceRange,
                    "--listen-descriptors", "1",
                ], ports: [Self.apiPort], hasDoor: true, rank: 0),
            Component(
                name: "controller-manager", namespace: controlNamespace,
                arguments: [
                    "controller-manager", "--kubeconfig", credential("controller-manager"), "--data-dir", dataDirectory,
                    "--allocate-node-cidrs", "--cluster-cidr", Self.podRange, "--service-cluster-ip-range",
                    Self.serviceRange, "--load-balancer-pools", Self.loadBalancerRange,
                ], ports: [10257]),
            Component(
                name: "scheduler", namespace: controlNamespace,
                arguments: ["scheduler", "--kubeconfig", credential("scheduler"), "--leader-elect=false"],
                ports: [10259]),
            Component(
                name: "dns", namespace: controlNamespace,
                arguments: [
                    "dns", "--kubeconfig", credential("dns"), "--bind-address", "\(Self.controlAddress)", "--port",
                    "53",
                    "--upstream", "none",
                ], ports: [53, 9153]),
        ]
    }

    private func node(_ number: Int, _ settings: ClusterSettings) -> [Component] {
        let name = Self.nodeName(number)
        let folder = nodeFolder(number)
        let run = runDirectory(ofNode: number)
        return [
            Component(
                name: "\(name)/agent", namespace: nodeNamespace(number),
                arguments: [
                    "agent", "--kubeconfig", credential(name), "--hostname-override", name,
                    "--node-ip", "\(Self.nodeAddress(number))", "--root-dir", "\(folder)/agent", "--run-dir", run,
                    "--pod-logs-dir", "\(folder)/pods", "--image-dir", images, "--cni-conf-dir", "\(folder)/net.d",
                    "--cni-state-dir", "\(run)/cni",
                    "--network-kubeconfig", credential("proxy"),
                    "--cgroup-root", cgroup(ofNode: number), "--cluster-dns", Self.dnsAddress,
                    "--client-ca-file", "\(certificates)/ca.crt",
                    // The nodes share their images, and none knows what the others use.
                    "--image-gc-high-threshold", "100",
                ], ports: [10248, 10250]),
            Component(
                name: "\(name)/proxy", namespace: nodeNamespace(number),
                arguments: [
                    "proxy", "--kubeconfig", credential("proxy"), "--hostname-override", name,
                    "--proxy-mode", settings.proxyMode, "--cluster-cidr", Self.podRange,
                    // As all others write by themselves; kube-proxy's default is text.
                    "--logging-format", "json",
                ], ports: [Self.proxyMetricsPort, Self.proxyHealthPort]),
        ]
    }
}
