import APIServer
import ArgumentParser
import Logging
import NetTypes
import NodeProxy
import Telemetry

struct APIServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apiserver", abstract: "Serve the Kubernetes API.",
        discussion: """
            With nothing else given it keeps its objects in --data-dir, makes its own certificate authority there, and
            writes an administrator's kubeconfig. Flags have kube-apiserver's names where it has them.

            Examples:
              apus apiserver --data-dir /var/lib/apus --write-kubeconfig admin.kubeconfig
              KUBECONFIG=admin.kubeconfig kubectl get namespaces
              apus apiserver --data-dir ./data --bind-address 127.0.0.1 --secure-port 16443
              apus apiserver --data-dir ./data --etcd-servers https://10.0.0.1:2379,https://10.0.0.2:2379 \\
                --etcd-cafile ca.crt --etcd-certfile apiserver-etcd.crt --etcd-keyfile apiserver-etcd.key
            """)

    @OptionGroup(title: "Where it serves") var serving: ServingOptions
    @OptionGroup(title: "Who may come") var access: AccessOptions
    @OptionGroup(title: "What it gives and keeps") var cluster: ClusterOptions
    @OptionGroup(title: "Where it keeps it") var storage: StoreOptions
    @OptionGroup(title: "Logging") var logging: LoggingOptions

    func run() async throws {
        try await APIServerRun(
            serving: serving, access: access, cluster: cluster, storage: storage, logger: logging.logger("apiserver")
        ).run()
    }
}

struct ServingOptions: ParsableArguments {
    @Option(help: "The folder of the store, unless it is an etcd, and, in pki/, of certificates and keys.")
    var dataDir = "/var/lib/apus"

    @Option(help: "The address to listen on; 0.0.0.0 or :: for all.")
    var bindAddress = "0.0.0.0"

    @Option(help: "The port to listen on, with TLS.")
    var securePort: UInt16 = 6443

    @Option(help: "How many bound sockets its parent passed it to serve on besides, as descriptors 3, 4, ...")
    var listenDescriptors: Int32 = 0

    @Option(help: "The address by which the rest of the cluster reaches this server; by default the bind address.")
    var advertiseAddress: String?

    @Option(help: "Where to write an administrator's kubeconfig, readable by its owner alone.")
    var writeKubeconfig: String?

    @Option(help: "The server's certificate chain (PEM) instead of its own authority's.")
    var tlsCertFile: String?

    @Option(help: "The key of --tls-cert-file.")
    var tlsPrivateKeyFile: String?

    func validate() throws {
        guard IPAddress(bindAddress) != nil else {
            throw ValidationError("--bind-address \(bindAddress) is no IP address; give one such as 127.0.0.1")
        }
        if let advertiseAddress, IPAddress(advertiseAddress) == nil {
            throw ValidationError("--advertise-address \(advertiseAddress) is no IP address; give one such as 10.0.0.1")
        }
        guard (0...64).contains(listenDescriptors) else {
            throw ValidationError("--listen-descriptors \(listenDescriptors): give a number from 0 to 64")
        }
        guard (tlsCertFile == nil) == (tlsPrivateKeyFile == nil) else {
            throw ValidationError("--tls-cert-file and --tls-private-key-file come together: give both or none")
        }
    }
}

struct AccessOptions: ParsableArguments {
    @Option(help: "The authority (PEM) that signs client certificates, instead of the server's own.")
    var clientCaFile: String?

    @Option(help: "The authority (PEM) of node agents' certificates; by default any certificate is taken.")
    var kubeletCertificateAuthority: String?

    @Option(help: "A CSV file of tokens: token,user,uid,\"group,group\".")
    var tokenAuthFile: String?

    @Option(help: "Whether requests without credentials reach health and version.")
    var anonymousAuth = true

    @Option(help: "The issuer of service-account tokens.")
    var serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local"

    @Option(help: "The audiences of service-account tokens; by default the issuer.")
    var apiAudiences: String?

    @Option(help: "Where to write the audit log, a JSON line per event; - for the standard output.")
    var auditLogPath: String?

    @Option(help: "The audit policy (audit.k8s.io/v1 Policy); without it every request is recorded without its body.")
    var auditPolicyFile: String?

    @Option(help: "MiB after which the audit log begins anew.")
    var auditLogMaxsize = 100

    @Option(help: "How many old audit logs are kept.")
    var auditLogMaxbackup = 5
}

struct ClusterOptions: ParsableArguments {
    @Option(help: "The range of cluster IPs; two, of IPv4 and IPv6, separated by a comma for both families.")
    var serviceClusterIpRange = "10.96.0.0/12"

    @Option(help: "The range of node ports.")
    var serviceNodePortRange = "30000-32767"

    @Option(help: "How long Events are kept, as 1h or 30m.")
    var eventTtl = "1h0m0s"

    @Option(help: "Admission plugins to leave out, separated by commas.")
    var disableAdmissionPlugins = ""

    @Option(help: "Most requests at a time that only read.")
    var maxRequestsInflight = 400

    @Option(help: "Most requests at a time that change something.")
    var maxMutatingRequestsInflight = 200

    var eventLifetimeSeconds: Int64 {
        get throws {
            guard let seconds = GoDuration(eventTtl)?.duration.components.seconds, seconds > 0 else {
                throw ValidationError("--event-ttl \(eventTtl) is no time; give one such as 1h or 30m")
            }
            return seconds
        }
    }

    var network: ServiceNetwork {
        get throws {
            let ranges = serviceClusterIpRange.split(separator: ",").map { CIDR(String($0)) }
            let bounds = serviceNodePortRange.split(separator: "-").compactMap { UInt16($0) }
            guard bounds.count == 2, bounds[0] > 0, bounds[0] <= bounds[1] else {
                throw ValidationError(
                    "--service-node-port-range \(serviceNodePortRange) is no range of ports; give one such as 30000-32767"
                )
            }
            guard !ranges.contains(nil),
                let network = ServiceNetwork(ranges: ranges.compactMap(\.self), nodePorts: bounds[0]...bounds[1])
            else {
                throw ValidationError(
                    "--service-cluster-ip-range \(serviceClusterIpRange) must be one range, or two of different families, such as 10.96.0.0/12,fd00:10:96::/112"
                )
            }
            return network
        }
    }
}
