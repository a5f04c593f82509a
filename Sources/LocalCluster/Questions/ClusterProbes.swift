import Namespaces
import NetTypes

/// What the parts of a cluster say of themselves, and what its nodes reach, asked where they are.
public struct ClusterProbes: Sendable {
    private static let patience = Duration.seconds(1)
    private static let lastSyncMetric = "kubeproxy_sync_proxy_rules_last_timestamp_seconds"

    let layout: ClusterLayout

    public init(_ layout: ClusterLayout) { self.layout = layout }

    /// A node's proxy has programmed what it found.
    public func isProxyReady(_ node: Int) -> Bool {
        page("/readyz", port: ClusterLayout.proxyHealthPort, in: layout.nodeNamespace(node))?.status == 200
    }

    /// The addresses of a name as a node's pods find them: by way of the node's proxy. nil without an answer.
    public func addresses(of name: String, from node: Int) -> [IPAddress]? {
        guard let server = IPAddress(ClusterLayout.dnsAddress) else { return nil }
        return addresses(of: name, at: server, in: layout.nodeNamespace(node))
    }

    /// The addresses of a name as the DNS server has them.
    public func addresses(of name: String) -> [IPAddress]? {
        addresses(of: name, at: ClusterLayout.controlAddress, in: layout.controlNamespace)
    }

    /// When a node's proxy last wrote rules; since 1970.
    func lastSync(ofProxyOn node: Int) -> Duration? {
        page("/metrics", port: ClusterLayout.proxyMetricsPort, in: layout.nodeNamespace(node)).flatMap {
            Self.lastSync(metrics: $0.body)
        }
    }

    static func lastSync(metrics: String) -> Duration? {
        metrics.split(separator: "\n").compactMap { line -> Duration? in
            guard line.hasPrefix(lastSyncMetric), let value = line.split(separator: " ").last.flatMap({ Double($0) })
            else { return nil }
            return .microseconds(Int64(value * 1_000_000))
        }.max()
    }

    private func addresses(of name: String, at server: IPAddress, in namespace: String) -> [IPAddress]? {
        try? NetworkNamespace.named(namespace).run {
            NameQuestion.addresses(of: name, at: AddressPort(server, 53), within: Self.patience)
        }
    }

    private func page(_ path: String, port: UInt16, in namespace: String) -> PageQuestion.Answer? {
        try? NetworkNamespace.named(namespace).run {
            try PageQuestion.get(path, at: AddressPort(IPAddress(127, 0, 0, 1), port), within: Self.patience)
        }
    }
}
