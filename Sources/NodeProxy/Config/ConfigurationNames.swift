/// How packets reach their endpoints: kube-proxy's modes on Linux and those of Apus.
public enum ProxyMode: String, Sendable, Hashable, CaseIterable {
    case iptables, ipvs, nftables, userspace
    /// The best that the kernel offers.
    case auto
}

/// How traffic from local pods is told from the rest.
public enum LocalMode: String, Sendable, Hashable, CaseIterable {
    case clusterCIDR = "ClusterCIDR"
    case nodeCIDR = "NodeCIDR"
    case bridgeInterface = "BridgeInterface"
    case interfaceNamePrefix = "InterfaceNamePrefix"
}

/// A verbosity of its own for files whose names match.
public struct VerbosityRule: Sendable, Hashable {
    public var filePattern: String
    public var verbosity: UInt32

    public init(filePattern: String, verbosity: UInt32) {
        self.filePattern = filePattern
        self.verbosity = verbosity
    }
}

/// A duration that may also be written as a number of nanoseconds.
public struct FlushFrequency: Sendable, Hashable {
    public var duration: GoDuration

    public init(duration: GoDuration) { self.duration = duration }
}

/// A number of bytes as a Kubernetes quantity; kept as written.
public struct ByteQuantity: Sendable, Hashable {
    public var text: String

    public init(text: String) { self.text = text }

    /// Digits with an optional fraction and a unit such as `Ki` or `M`.
    var isValid: Bool {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let units = ["", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "m"]
        return Double(number) != nil && units.contains(String(text.dropFirst(number.count)))
    }

    var isZero: Bool { text.allSatisfy { $0 == "0" || $0 == "." } }
}
