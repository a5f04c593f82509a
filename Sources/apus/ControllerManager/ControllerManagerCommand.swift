import ArgumentParser
import Controllers
import Logging
import NodeProxy
import Telemetry

struct ControllerManagerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller-manager", abstract: "Run the controllers of a cluster.",
        discussion: """
            Works against any API server. Flags have kube-controller-manager's names where it has them. SIGTERM ends it,
            and the next one leads at once.

            Examples:
              apus controller-manager --kubeconfig admin.kubeconfig
              apus controller-manager --kubeconfig K --controllers '*,-namespace-controller' --leader-elect=false
              apus controller-manager --kubeconfig K --data-dir ./data
              apus controller-manager --kubeconfig K --allocate-node-cidrs --cluster-cidr 10.244.0.0/16
            """)

    @OptionGroup var options: ControllerManagerOptions
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        try await ControllerManagerRun(options: options, logger: logging.logger("controller-manager")).run()
    }
}

struct ControllerManagerOptions: ParsableArguments {
    /// Flags that Go programs take as `--flag=false`.
    static let booleans: Set = ["leader-elect", "allocate-node-cidrs"]

    @Option(help: "The kubeconfig file.") var kubeconfig: String
    @Option(help: "Controllers to run, separated by commas: * for all, a name, or -name to leave one out.")
    var controllers = "*"
    @Option(help: "The address of /healthz and /metrics.") var bindAddress = "127.0.0.1"
    @Option(help: "The port of /healthz and /metrics, plain HTTP; 0 for none.") var port: UInt16 = 10257

    @Flag(inversion: .prefixedNo, help: "Only one of several controller managers works at a time.")
    var leaderElect = true
    @Option(help: "How long others wait for a leader that says nothing.") var leaderElectLeaseDuration = "15s"
    @Option(help: "When a leader that cannot renew gives up.") var leaderElectRenewDeadline = "10s"
    @Option(help: "How often a leader renews, and others look.") var leaderElectRetryPeriod = "2s"
    @Option(help: "The Lease's name.") var leaderElectResourceName = "kube-controller-manager"
    @Option(help: "The Lease's namespace.") var leaderElectResourceNamespace = "kube-system"

    @Option(help: "Requests per second to the API server over time; 0 for no limit.") var kubeApiQps = 1000.0
    @Option(help: "Requests at once.") var kubeApiBurst = 2000

    @Option(help: "Authorities (PEM) that pods trust, for kube-root-ca.crt; by default the kubeconfig's.")
    var rootCaFile: String?
    @Option(
        help: """
            The API server's folder, when this machine has it: what signs certificates and service accounts' tokens is \
            taken from there.
            """) var dataDir: String?
    @Option(help: "The authority (PEM) that signs certificate requests; by default the one in --data-dir.")
    var clusterSigningCertFile: String?
    @Option(help: "Its key.") var clusterSigningKeyFile: String?
    @Option(help: "How long signed certificates live, unless a request asks for less.")
    var clusterSigningDuration = "8760h"
    @Option(help: "The key (PEM) of service accounts' tokens in Secrets; by default the one in --data-dir.")
    var serviceAccountPrivateKeyFile: String?
    @Option(help: "The range of pod addresses; two, of IPv4 and IPv6, separated by a comma for both families.")
    var clusterCidr = ""
    @Flag(inversion: .prefixedNo, help: "Give each node its part of --cluster-cidr.") var allocateNodeCidrs = false
    @Option(help: "The prefix length of a node's IPv4 range.") var nodeCidrMaskSizeIpv4 = 24
    @Option(help: "The prefix length of a node's IPv6 range.") var nodeCidrMaskSizeIpv6 = 64
    @Option(help: "The range of cluster IPs, which no node gets.") var serviceClusterIpRange = ""

    @Option(help: "How long a node may say nothing before it is not healthy.") var nodeMonitorGracePeriod = "40s"
    @Option(help: "Taken for the sake of others' command lines: a node is looked at when it changes or falls silent.")
    var nodeMonitorPeriod = "5s"
    @Option(help: "Nodes per second that pods are evicted from in a zone that is well.") var nodeEvictionRate = 0.1
    @Option(help: "The same in a large zone that is not well.") var secondaryNodeEvictionRate = 0.01
    @Option(help: "Nodes from which on a zone is large.") var largeClusterSizeThreshold = 50
    @Option(help: "The part of a zone's nodes that are not ready when the zone is not well.")
    var unhealthyZoneThreshold = 0.55
    @Option(help: "Finished pods that are kept.") var terminatedPodGcThreshold = 12_500
    @Option(help: "Endpoints in a slice at most.") var maxEndpointsPerSlice = 100

    @Option(help: "Addresses for Services of type LoadBalancer: prefixes or first-last, separated by commas.")
    var loadBalancerPools = ""

    func validate() throws {
        guard (clusterSigningCertFile == nil) == (clusterSigningKeyFile == nil) else {
            throw ValidationError("--cluster-signing-cert-file and --cluster-signing-key-file go together")
        }
        guard !allocateNodeCidrs || !clusterCidr.isEmpty else {
            throw ValidationError("--allocate-node-cidrs needs --cluster-cidr, the range to give parts of")
        }
    }

    func duration(_ flag: String, _ text: String) throws -> Duration {
        guard let duration = GoDuration(text)?.duration, duration > .zero else {
            throw ValidationError("--\(flag) \(text) is no time as 15s or 5m")
        }
        return duration
    }
}
