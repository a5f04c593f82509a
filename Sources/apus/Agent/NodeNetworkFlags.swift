import ArgumentParser
import CNI
import NetTypes

/// How the pods of a node are connected.
struct NodeNetworkFlags: ParsableArguments {
    enum Choice: String, ExpressibleByArgument {
        /// Our own plugin, whose configuration is written, and routes to other nodes' pods.
        case apus
        /// Whatever is in the folder of configurations.
        case cni
        /// The loopback alone.
        case none
    }

    @Option(help: "How pods are connected: apus (our own plugin), cni (what --cni-conf-dir has) or none.")
    var network = Choice.apus
    @Option(help: "The pods' addresses on a node without an API server, one CIDR of each family, separated by commas.")
    var podCidr = ""
    @Option(help: "A kubeconfig that may list all nodes, for routes to their pods; that of the node by default.")
    var networkKubeconfig: String?
    @Option(help: "The folder of network configurations (CNI).") var cniConfDir = "/etc/cni/net.d"
    @Option(help: "Folders of network plugins, separated by commas.")
    var cniBinDir = NetworkRunner.Options().pluginDirectories.joined(separator: ",")
    @Option(help: "Seconds that a network plugin may take.") var cniTimeout = 30
    @Option(help: "The folder of pods' addresses and network results; empty after the machine has started.")
    var cniStateDir = "/run/apus/cni"

    func validate() throws {
        for text in NodeAgentFlags.list(podCidr) where CIDR(text) == nil {
            throw ValidationError("--pod-cidr \(text) is no range of addresses")
        }
        guard (1...3600).contains(cniTimeout) else {
            throw ValidationError("--cni-timeout \(cniTimeout) is not between 1 and 3600 seconds")
        }
    }

    var podCIDRs: [CIDR] { NodeAgentFlags.list(podCidr).compactMap { CIDR($0) } }
    /// Where our own plugin is put.
    var ownPlugins: String { "\(cniStateDir)/bin" }
    var leases: String { "\(cniStateDir)/leases" }

    func runnerOptions(environment: [String: String]) -> NetworkRunner.Options {
        var options = NetworkRunner.Options()
        options.pluginDirectories = [ownPlugins] + NodeAgentFlags.list(cniBinDir)
        options.cacheDirectory = "\(cniStateDir)/results"
        options.timeLimit = .seconds(cniTimeout)
        if let path = environment["PATH"] { options.environment = ["PATH=\(path)"] }
        return options
    }
}
