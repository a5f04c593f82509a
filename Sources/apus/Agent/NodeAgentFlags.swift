import Agent
import ArgumentParser
import CNI
import ContainerRuntime
import Images
import NetTypes

/// What `apus agent` takes for a node with containers; names are kubelet's where it has them.
struct NodeAgentFlags: ParsableArguments {
    @Option(help: "The node's name; the host's by default.") var hostnameOverride: String?
    @Option(help: "Its addresses, the main one first, separated by commas; found by default.") var nodeIp = ""
    @Option(help: "Taints of a node that is registered anew, as key=value:Effect, separated by commas.")
    var registerWithTaints = ""
    @Option(help: "The provider's name of the node.") var providerID = ""
    @Option(help: "The folder of static pods' manifests.") var podManifestPath: String?
    @Option(help: "The container runtime: runc, crun, or a path.") var runtime = "runc"
    @Option(help: "The folder of everything that outlives the agent.") var rootDir = AgentOptions().dataFolder
    @Option(help: "The folder of sockets; a short path.") var runDir = RuncRuntime.Options().runFolder
    @Option(help: "The folder of pods' logs.") var podLogsDir = AgentOptions().logFolder
    @Option(help: "The cgroup of all pods.") var cgroupRoot = AgentOptions().cgroupRoot
    @Option(help: "The directory of the images.") var imageDir = "/var/lib/apus/images"
    @Option(help: "Percent of the images' disk above which unused ones go; 100 keeps all, for images that nodes share.")
    var imageGcHighThreshold = AgentOptions().imageHighPercent
    @Option(help: "Percent to which they go.") var imageGcLowThreshold = AgentOptions().imageLowPercent
    @Option(help: "Registries (host or host:port) that speak plain HTTP, separated by commas.") var plainHttp = ""
    @Option(help: "A PEM file with further authorities of registries.") var registryAuthority: String?
    @Option(help: "Addresses of the cluster's DNS, separated by commas.") var clusterDns = ""
    @Option(help: "The cluster's domain.") var clusterDomain = AgentOptions().clusterDomain
    @Option(help: "The resolv.conf of pods that use the machine's DNS.") var resolvConf = AgentOptions().resolverFile
    @Option(help: "When pods must go.") var evictionHard = AgentOptions().evictionHard
    @Option(help: "Namespaced sysctls that pods may set besides safe ones, as kernel.msg*, separated by commas.")
    var allowedUnsafeSysctls = ""
    @Option(help: "The most pods.") var maxPods = AgentOptions().maximumPods
    @Option(help: "The port of the node's own API; 0 for none.") var port = AgentOptions().port
    @Option(help: "Where that listens.") var address = AgentOptions().bindAddress
    @Option(help: "Who signs the certificates of those who use it (PEM); the kubeconfig's authority by default.")
    var clientCaFile: String?
    @Option(help: "Its certificate (PEM); one of its own making by default.") var tlsCertFile: String?
    @Option(help: "The key of that.") var tlsPrivateKeyFile: String?
    @Option(help: "The port of /healthz, /livez, /readyz and /metrics, plain HTTP; 0 for none.")
    var healthzPort: UInt16 = 10248
    @Option(help: "Their address.") var healthzBindAddress = "127.0.0.1"
    @OptionGroup var network: NodeNetworkFlags

    var nodeName: String { hostnameOverride ?? Host.name }

    func validate() throws {
        for text in Self.list(nodeIp) where IPAddress(text) == nil {
            throw ValidationError("--node-ip \(text) is no address")
        }
        guard (0...imageGcHighThreshold).contains(imageGcLowThreshold), imageGcHighThreshold <= 100 else {
            throw ValidationError(
                "--image-gc-low-threshold and --image-gc-high-threshold are percentages, the low one first")
        }
        guard (tlsCertFile == nil) == (tlsPrivateKeyFile == nil) else {
            throw ValidationError("--tls-cert-file and --tls-private-key-file come together")
        }
    }

    /// - Parameter authority: the cluster's, PEM.
    func options(labels: [String: String], authority: String) throws -> AgentOptions {
        var options = AgentOptions()
        options.nodeName = nodeName
        options.nodeAddresses = Self.list(nodeIp.isEmpty ? "\(HostAddresses.first)" : nodeIp)
        options.labels = labels
        options.taints = Self.list(registerWithTaints)
        options.providerID = providerID
        options.maximumPods = maxPods
        options.dataFolder = rootDir
        options.logFolder = podLogsDir
        options.manifests = podManifestPath
        options.cgroupRoot = cgroupRoot
        options.clusterDNS = Self.list(clusterDns)
        options.clusterDomain = clusterDomain
        options.resolverFile = resolvConf
        options.evictionHard = evictionHard
        options.allowedUnsafeSysctls = Self.list(allowedUnsafeSysctls)
        options.imageHighPercent = imageGcHighThreshold
        options.imageLowPercent = imageGcLowThreshold
        options.port = port
        options.bindAddress = address
        options.clientAuthorities = try clientCaFile.map(TextInput.read) ?? authority
        options.servingCertificate = try tlsCertFile.map(TextInput.read)
        options.servingKey = try tlsPrivateKeyFile.map(TextInput.read)
        return options
    }

    func runtimeOptions(monitor: String, environment: [String: String]) -> RuncRuntime.Options {
        var options = RuncRuntime.Options()
        options.dataFolder = rootDir
        options.runFolder = runDir
        options.runtime = runtime
        options.monitor = monitor
        if let path = environment["PATH"] { options.environment = ["PATH=\(path)"] }
        return options
    }

    var registry: RegistryOptions {
        var options = RegistryOptions()
        options.plainHosts = Set(Self.list(plainHttp))
        options.authoritiesFile = registryAuthority
        return options
    }

    static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
}
