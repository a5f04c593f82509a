/// What the flags of `apus up` say; nil is what they leave open.
public struct ClusterWish: Sendable, Equatable {
    public var nodes: Int?
    public var proxyMode: String?
    public var port: UInt16?

    public init(nodes: Int? = nil, proxyMode: String? = nil, port: UInt16? = nil) {
        self.nodes = nodes
        self.proxyMode = proxyMode
        self.port = port
    }

    /// The settings of a new cluster.
    public var settings: ClusterSettings {
        ClusterSettings(nodes: nodes ?? 3, proxyMode: proxyMode ?? "nftables", port: port ?? ClusterLayout.apiPort)
    }

    /// The settings of one that is there, as wished.
    /// - Parameter isRunning: what its running processes were given cannot change.
    public func applied(to known: ClusterSettings, isRunning: Bool) throws -> ClusterSettings {
        var settings = known
        if let proxyMode { settings.proxyMode = proxyMode }
        if let port, port != known.port {
            guard !isRunning else {
                throw ClusterFailure(
                    "--port \(port): the cluster runs with port \(known.port); 'apus down' first, then 'apus up --port \(port)'"
                )
            }
            settings.port = port
        }
        if let nodes {
            guard nodes >= known.nodes.count else {
                throw ClusterFailure(
                    "--nodes \(nodes): the cluster has \(known.nodes.count), and none is taken out of it; 'apus node stop' stops one"
                )
            }
            while settings.nodes.count < nodes { _ = try settings.addNode() }
        }
        return settings
    }
}
