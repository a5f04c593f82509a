import AgentCore
import ContainerRuntime
import KubeAPI
import KubeClient
import Logging
import NodeServices

/// What runs containers, keeps images, connects pods and knows the cluster, for one node.
public struct AgentServices: Sendable {
    public var runtime: any ContainerRuntime
    public var images: any ImageService
    /// Nil leaves pods with their loopback alone.
    public var network: (any PodNetworking)?
    /// Nil for a node that runs the pods of its files and no others.
    public var client: KubeClient?
    public var logger: Logger

    public init(
        runtime: any ContainerRuntime, images: any ImageService, network: (any PodNetworking)?, client: KubeClient?,
        logger: Logger
    ) {
        self.runtime = runtime
        self.images = images
        self.network = network
        self.client = client
        self.logger = logger
    }
}

public struct AgentOptions: Sendable {
    public var nodeName = ""
    /// The main one first; the machine's when empty.
    public var nodeAddresses: [String] = []
    public var labels: [String: String] = [:]
    /// `key=value:Effect`, as `kubectl taint` writes them; only for a node that is registered anew.
    public var taints: [String] = []
    public var providerID = ""
    public var maximumPods = 110
    /// Of volumes and termination messages.
    public var dataFolder = "/var/lib/apus/agent"
    public var logFolder = "/var/log/pods"
    /// Of pod manifests; nil for none.
    public var manifests: String?
    /// Of all pods' cgroups, such as `/kubepods`.
    public var cgroupRoot = "/kubepods"
    public var clusterDNS: [String] = []
    public var clusterDomain = "cluster.local"
    /// Names and patterns of namespaced sysctls that pods may set besides the safe ones.
    public var allowedUnsafeSysctls: [String] = []
    /// When pods must go, as kubelet's `evictionHard` says it.
    public var evictionHard = EvictionThresholds.usual
    /// How often that is looked at, and the sizes of volumes.
    public var evictionPeriod = Duration.seconds(10)
    /// Percent of the images' disk: above the first, unused ones go until the second is met. 100 keeps them all, also when
    /// the node is short of disk: for images that several nodes share.
    public var imageHighPercent = 85
    public var imageLowPercent = 80
    public var resolverFile = "/etc/resolv.conf"
    public var hostsFile = "/etc/hosts"
    /// Bytes of one log file, and how many are kept.
    public var logLimit: Int64 = 10 << 20
    public var logFiles = 5
    /// Where the agent's own API is served; 0 for nowhere.
    public var port: UInt16 = 10250
    public var bindAddress = "0.0.0.0"
    /// PEM; who signs the certificates of those who ask. Empty for nobody.
    public var clientAuthorities = ""
    /// PEM; without them the agent makes its own.
    public var servingCertificate: String?
    public var servingKey: String?

    public init() {}
}
