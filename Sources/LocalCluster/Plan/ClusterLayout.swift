import NetTypes

/// Where everything of a local cluster is: folders, network namespaces, addresses.
///
///     control 10.0.0.1 ── bridge ── node-1 10.0.0.11, node-2 10.0.0.12, ...
///
/// The control plane and whoever comes from outside are in `control`; each node is a namespace of its own.
public struct ClusterLayout: Sendable, Hashable {
    /// Namespaces are `NAME-control` and `NAME-node-1`; cgroups are below `/apus-NAME`, sockets below `/run/apus/NAME`.
    public let name: String
    /// Outlives the cluster.
    public let dataDirectory: String
    /// This program; `apus-monitor` lies beside it.
    public let program: String

    public static let mostNodes = 100
    public static let serviceRange = "10.96.0.0/16"
    public static let podRange = "10.244.0.0/16"
    /// For Services of type LoadBalancer; from `control` they are reached by way of the first node.
    public static let loadBalancerRange = "10.97.0.0/24"
    public static let controlAddress = IPAddress(10, 0, 0, 1)
    public static let prefixLength: UInt8 = 24
    public static let dnsAddress = "10.96.0.10"
    public static let apiPort: UInt16 = 6443
    /// Of the keeper's health and metrics, on the control namespace's loopback.
    public static let keeperPort: UInt16 = 10260
    static let proxyHealthPort: UInt16 = 10256
    static let proxyMetricsPort: UInt16 = 10249

    public init(name: String, dataDirectory: String, program: String) {
        self.name = name
        self.dataDirectory = dataDirectory
        self.program = program
    }

    public static func nodeName(_ number: Int) -> String { "node-\(number)" }
    public static func nodeAddress(_ number: Int) -> IPAddress { IPAddress(10, 0, 0, UInt8(clamping: 10 + number)) }

    public var controlNamespace: String { "\(name)-control" }
    public func nodeNamespace(_ number: Int) -> String { "\(name)-node-\(number)" }
    /// Whether a namespace's name is one of ours, and not of a cluster with a longer name.
    public func isMember(_ namespace: String) -> Bool {
        guard namespace.hasPrefix(name + "-") else { return false }
        let rest = namespace.dropFirst(name.count + 1)
        return rest == "control" || (rest.hasPrefix("node-") && Int(rest.dropFirst(5)) != nil)
    }

    public var kubeconfig: String { "\(dataDirectory)/kubeconfig" }
    public var settings: String { "\(dataDirectory)/cluster.json" }
    public var certificates: String { "\(dataDirectory)/pki" }
    public var credentials: String { "\(dataDirectory)/credentials" }
    public var logs: String { "\(dataDirectory)/logs" }
    public var images: String { "\(dataDirectory)/images" }
    public func nodeFolder(_ number: Int) -> String { "\(dataDirectory)/nodes/\(number)" }
    public func credential(_ user: String) -> String { "\(credentials)/\(user).kubeconfig" }
    public func log(_ component: String) -> String {
        "\(logs)/\(String(component.map { $0 == "/" ? "-" : $0 })).log"
    }

    /// Short, since sockets' paths are.
    public var runDirectory: String { "\(Self.runRoot)/\(name)" }
    static let runRoot = "/run/apus"
    /// What other parts of this program keep beside clusters' folders.
    public static let reservedNames: Set<String> = ["agent", "cni", "lab"]
    public func runDirectory(ofNode number: Int) -> String { "\(runDirectory)/\(number)" }
    public var keeperRecord: String { "\(runDirectory)/keeper.process" }
    /// Names the data directory of the cluster that uses this name.
    var folderRecord: String { Self.folderRecord(name) }
    static func folderRecord(_ name: String) -> String { "\(runRoot)/\(name)/data-dir" }
    /// Held by who changes the settings.
    var settingsLock: String { "\(runDirectory)/settings.lock" }
    public var cgroup: String { "/apus-\(name)" }
    public func cgroup(ofNode number: Int) -> String { "\(cgroup)/node-\(number)" }
}
