/// KubeProxyConfiguration kubeproxy.config.k8s.io/v1alpha1, field by field.
///
/// A fresh value holds what stands for "not given": defaults where absence differs from zero, zero elsewhere;
/// `applyDefaults()` completes it.
public struct KubeProxyConfiguration: Sendable, Hashable {
    public static let apiVersion = "kubeproxy.config.k8s.io/v1alpha1"
    public static let kind = "KubeProxyConfiguration"

    public var featureGates: [String: Bool] = [:]
    public var clientConnection = ClientConnection()
    public var logging = Logging()
    public var hostnameOverride = ""
    public var bindAddress = ""
    /// `IP:port`; empty: no server.
    public var healthzBindAddress = ""
    /// `IP:port`; empty: no server.
    public var metricsBindAddress = ""
    public var bindAddressHardFail = false
    public var enableProfiling = false
    public var showHiddenMetricsForVersion = ""
    public var mode = ""
    public var iptables = IPTables()
    public var ipvs = IPVS()
    public var nftables = Nftables()
    public var winkernel = Winkernel()
    public var detectLocalMode = ""
    public var detectLocal = DetectLocal()
    /// A CIDR, or one per family with a comma between them.
    public var clusterCIDR = ""
    /// CIDRs, or the single word `primary`; empty: what the mode in force takes, every address of the node or, in
    /// nftables mode, the primary ones.
    public var nodePortAddresses: [String] = []
    public var oomScoreAdj: Int32 = -999
    public var conntrack = Conntrack()
    public var configSyncPeriod = GoDuration.zero
    public var portRange = ""
    public var windowsRunAsService = false

    public init() {}

    public struct ClientConnection: Sendable, Hashable {
        public var kubeconfig = ""
        public var acceptContentTypes = ""
        public var contentType = ""
        public var qps: Float = 0
        public var burst: Int32 = 0
    }

    public struct Logging: Sendable, Hashable {
        public var format = ""
        public var flushFrequency = FlushFrequency(duration: .zero)
        public var verbosity: UInt32 = 0
        public var vmodule: [VerbosityRule] = []
        public var options = Options()

        public struct Options: Sendable, Hashable {
            public var text = Stream()
            public var json = Stream()
        }

        public struct Stream: Sendable, Hashable {
            public var splitStream = false
            public var infoBufferSize = ByteQuantity(text: "0")
        }
    }

    public struct IPTables: Sendable, Hashable {
        public var masqueradeBit: Int32 = 14
        public var masqueradeAll = false
        public var localhostNodePorts = true
        public var syncPeriod = GoDuration.zero
        public var minSyncPeriod = GoDuration.zero
    }

    public struct IPVS: Sendable, Hashable {
        public var syncPeriod = GoDuration.zero
        public var minSyncPeriod = GoDuration.zero
        public var scheduler = ""
        public var excludeCIDRs: [String] = []
        public var strictARP = false
        public var tcpTimeout = GoDuration.zero
        public var tcpFinTimeout = GoDuration.zero
        public var udpTimeout = GoDuration.zero
    }

    public struct Nftables: Sendable, Hashable {
        public var masqueradeBit: Int32 = 14
        public var masqueradeAll = false
        public var syncPeriod = GoDuration.zero
        public var minSyncPeriod = GoDuration.zero
    }

    public struct Winkernel: Sendable, Hashable {
        public var networkName = ""
        public var sourceVip = ""
        public var enableDSR = false
        public var rootHnsEndpointName = ""
        public var forwardHealthCheckVip = false
    }

    public struct DetectLocal: Sendable, Hashable {
        public var bridgeInterface = ""
        public var interfaceNamePrefix = ""
    }

    public struct Conntrack: Sendable, Hashable {
        public var maxPerCore: Int32 = 32768
        public var min: Int32 = 131_072
        public var tcpEstablishedTimeout = GoDuration.seconds(24 * 3600)
        public var tcpCloseWaitTimeout = GoDuration.seconds(3600)
        public var tcpBeLiberal = false
        public var udpTimeout = GoDuration.zero
        public var udpStreamTimeout = GoDuration.zero
    }
}
