import ArgumentParser
import KubeAPI
import KubeClient
import Logging
import NodeProxy
import Scheduler
import SchedulerCore
import ServiceLifecycle
import Telemetry

struct SchedulerRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Find nodes for pods.",
        discussion: """
            Works against any API server. Flags have kube-scheduler's names where it has them, and go before what --config
            says. SIGTERM ends it, and the next one leads at once.

            Examples:
              apus scheduler --kubeconfig admin.kubeconfig
              apus scheduler --kubeconfig K --config policies/scheduling/bin-packing.yaml
              apus scheduler --kubeconfig K --leader-elect=false
              apus scheduler explain web-0 -n shop --kubeconfig K
            """)

    @OptionGroup var input: SchedulerInput
    @Flag(inversion: .prefixedNo, help: "Only one of several schedulers works at a time. (default: --leader-elect)")
    var leaderElect: Bool?
    @Option(help: "How long others wait for a leader that says nothing. (default: 15s)")
    var leaderElectLeaseDuration: String?
    @Option(help: "When a leader that cannot renew gives up. (default: 10s)") var leaderElectRenewDeadline: String?
    @Option(help: "How often a leader renews, and others look. (default: 2s)") var leaderElectRetryPeriod: String?
    @Option(help: "The Lease's name. (default: kube-scheduler)") var leaderElectResourceName: String?
    @Option(help: "The Lease's namespace. (default: kube-system)") var leaderElectResourceNamespace: String?
    @Option(help: "The address of /healthz, /livez, /readyz and /metrics.") var bindAddress = "127.0.0.1"
    @Option(help: "Their port, plain HTTP; 0 for none.") var port: UInt16 = 10259
    @Option(help: "Requests per second to the API server over time; 0 for no limit. (default: 5000)")
    var kubeApiQps: Double?
    @Option(help: "Requests at once. (default: 10000)") var kubeApiBurst: Int?
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.logger("scheduler")
        let configuration = try input.configuration()
        ClientLoops.useOne()
        let registry = MetricsRegistry()
        let clientMetrics = ClientMetrics(registry)
        let metrics = SchedulerMetrics(registry)
        tell(configuration, logger)
        let election = try election(configuration.election)
        let client = try input.client(
            configuration, qps: kubeApiQps ?? configuration.connection.qps ?? 5000,
            burst: kubeApiBurst ?? configuration.connection.burst ?? 10000, logger: logger,
            observer: clientMetrics.observer)
        let scheduler = PodScheduler(
            client: client, configuration: configuration, metrics: metrics, seed: .random(in: .min ... .max),
            logger: logger)
        // Ready is also who only waits to take over.
        let standby = Latch()
        let work = TaskService(logger: logger) {
            guard let election else { return await scheduler.run() }
            let elector = LeaderElector(
                client: client, lease: election.lease,
                identity: "\(Host.name)_\(UInt64.random(in: .min ... .max))", policy: election.policy,
                logger: logger)
            try await clientMetrics.lead(elector, lease: election.lease.name, standby: standby) {
                await scheduler.run()
            }
        }
        var services: [any ServiceLifecycle.Service] = [work, MemoryRelease()]
        if let health = try await HealthListener.open(
            host: bindAddress, port: port, registry, logger: logger,
            isReady: { [latch = scheduler.knowsCluster] in latch.isOpen || standby.isOpen })
        {
            services.append(health)
        }
        let group = ServiceGroup(
            configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await group.run()) } catch { outcome = .failure(error) }
        try? await client.shutdown()
        try outcome.get()
    }

    private func tell(_ configuration: SchedulerConfiguration, _ logger: Logger) {
        for plugin in configuration.absentPlugins {
            logger.warning("the configuration asks for the plugin \(plugin), which is not here and has no effect")
        }
        for field in configuration.withoutEffect { logger.info("\(field) in the configuration has no effect") }
    }

    /// nil when it is off.
    private func election(_ file: SchedulerConfiguration.Election) throws -> (
        lease: NamespacedName, policy: LeaderElector.Election.Policy
    )? {
        guard leaderElect ?? file.isOn ?? true else { return nil }
        let lease = NamespacedName(
            namespace: leaderElectResourceNamespace ?? file.resourceNamespace ?? "kube-system",
            name: leaderElectResourceName ?? file.resourceName ?? "kube-scheduler")
        let policy = LeaderElector.Election.Policy(
            leaseDuration: try Self.duration(leaderElectLeaseDuration ?? file.leaseDuration ?? "15s"),
            renewDeadline: try Self.duration(leaderElectRenewDeadline ?? file.renewDeadline ?? "10s"),
            retryPeriod: try Self.duration(leaderElectRetryPeriod ?? file.retryPeriod ?? "2s"))
        if let refusal = policy.refusal { throw ValidationError("leader election: \(refusal)") }
        return (lease, policy)
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = GoDuration(text)?.duration, duration > .zero else {
            throw ValidationError("leader election: \(text) is no time as 15s or 2m")
        }
        return duration
    }
}
