import AgentCore
import ArgumentParser
import DNSCore
import DNSServer
import Glibc
import KubeClient
import Logging
import NetTypes
import ServiceLifecycle
import Telemetry

struct DNSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns", abstract: "Answer for the names of Services, endpoints and pods.",
        discussion: """
            Follows Services and EndpointSlices of any API server; other names go to --upstream, by default the servers of
            /etc/resolv.conf. Without --kubeconfig it takes the service account of the pod it runs in. SIGTERM ends it
            when what has arrived is answered.

            Examples:
              apus dns --kubeconfig admin.kubeconfig --bind-address 10.96.0.10
              apus dns --kubeconfig K --bind-address 127.0.0.1 --port 5353 --upstream 9.9.9.9 --upstream 1.1.1.1:53
              apus dns --cluster-domain cluster.example --ttl 30
              dig @10.96.0.10 kubernetes.default.svc.cluster.local
            """)

    @Option(help: "The kubeconfig file; by default the pod's service account.") var kubeconfig: String?
    @Option(
        help: "An address to serve, over UDP and TCP; may be given several times. By default all of IPv4 and IPv6.")
    var bindAddress: [String] = []
    @Option(help: "The port; 0 for any.") var port: UInt16 = 53
    @Option(help: "The domain of the cluster's names.") var clusterDomain = "cluster.local"
    @Option(help: "How long clients may keep an answer about the cluster; seconds.") var ttl: UInt32 = 5
    @Option(help: "A server for other names, with a port or not; may be given several times. 'none' for no server.")
    var upstream: [String] = []
    @Option(help: "Where servers for other names are found when there is no --upstream.")
    var resolvConf = "/etc/resolv.conf"
    @Option(help: "Answers of other servers that are kept; 0 for none.") var cacheSize = 10_000
    @Option(help: "UDP threads of each address; 0 for one on each processor.") var threads = 0
    @Option(help: "The address of /healthz, /livez, /readyz and /metrics, plain HTTP; port 0 for none.")
    var metricsBindAddress = "127.0.0.1:9153"
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.logger("dns")
        ClientLoops.useOne()
        let registry = MetricsRegistry()
        let health = try healthAddress()
        let options = try serverOptions()
        var clientOptions = KubeClient.Options()
        clientOptions.userAgent = "apus-dns"
        clientOptions.environment = Environment.all
        let client = KubeClient(try connection(), options: clientOptions, logger: logger)
        let server = NameServer(options, client: client, registry: registry, logger: logger)
        let outcome: Result<Void, any Error>
        do {
            var services: [any ServiceLifecycle.Service] = [MemoryRelease()]
            if let listener = try await HealthListener.open(
                host: "\(health.address)", port: health.port, registry, origin: "--metrics-bind-address",
                logger: logger, isReady: { server.isReady })
            {
                services.append(listener)
            }
            services.append(server)
            let group = ServiceGroup(
                configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            outcome = .success(try await group.run())
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        try outcome.get()
    }

    private func connection() throws -> ServerConnection {
        if let kubeconfig { return try Kubeconfig(contentsOf: kubeconfig).connection() }
        return try InClusterConfig.connection(
            host: Environment.all["KUBERNETES_SERVICE_HOST"], port: Environment.all["KUBERNETES_SERVICE_PORT"])
    }

    private func healthAddress() throws -> AddressPort {
        guard let address = AddressPort(metricsBindAddress) else {
            throw ValidationError(
                "--metrics-bind-address '\(metricsBindAddress)' is no address and port; write 127.0.0.1:9153")
        }
        return address
    }

    func serverOptions() throws -> NameServer.Options {
        guard let domain = DomainName(clusterDomain), domain != .root else {
            throw ValidationError("--cluster-domain '\(clusterDomain)' is no domain name; write cluster.local")
        }
        let addresses = try bindAddress.map { text in
            guard let address = IPAddress(text) else {
                throw ValidationError("--bind-address '\(text)' is no IP address; the port goes to --port")
            }
            return AddressPort(address, port)
        }
        var zone = ZoneConfiguration(domain: domain)
        zone.ttl = ttl
        zone.nameServers = addresses.map(\.address).filter { !$0.isUnspecified }
        var options = NameServer.Options(zone: zone, addresses: addresses.isEmpty ? everyAddress : addresses)
        options.upstreams = try upstreams()
        options.cacheCapacity = cacheSize
        options.threads = threads > 0 ? threads : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        return options
    }

    /// Of both families, where the machine has IPv6.
    private var everyAddress: [AddressPort] {
        let hasIPv6 = access("/proc/net/if_inet6", R_OK) == 0
        return [AddressPort(.unspecified(.ipv4), port)]
            + (hasIPv6 ? [AddressPort(.unspecified(.ipv6), port)] : [])
    }

    private func upstreams() throws -> [AddressPort] {
        guard upstream != ["none"] else { return [] }
        guard upstream.isEmpty else {
            return try upstream.map { text in
                guard let server = AddressPort(text) ?? IPAddress(text).map({ AddressPort($0, 53) }) else {
                    throw ValidationError(
                        "--upstream '\(text)' is no address of a name server; write 9.9.9.9 or [::1]:53")
                }
                return server
            }
        }
        return ResolverFile(parsing: try TextInput.read(resolvConf)).servers.compactMap { IPAddress($0) }
            .map { AddressPort($0, 53) }
    }
}
