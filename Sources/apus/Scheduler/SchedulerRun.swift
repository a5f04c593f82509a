import ArgumentParser
import KubeAPI
import KubeClient
import Logging
import Scheduler
import ServiceLifecycle
import Telemetry

struct SchedulerRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Find nodes for pods.",
        discussion: """
            Works against any API server. Flags have kube-scheduler's names where it has them. SIGTERM ends it.

            Examples:
              apus scheduler --kubeconfig admin.kubeconfig
              apus scheduler --kubeconfig K --config policies/scheduling/bin-packing.yaml
              apus scheduler --kubeconfig K --leader-elect
              apus scheduler explain web-0 -n shop --kubeconfig K
            """)

    @OptionGroup var input: SchedulerInput
    @Flag(
        inversion: .prefixedNo, help: "Only one of several schedulers works at a time; the configuration's by default.")
    var leaderElect: Bool?
    @Option(help: "The Lease's name.") var leaderElectResourceName = "kube-scheduler"
    @Option(help: "The Lease's namespace.") var leaderElectResourceNamespace = "kube-system"
    @Option(help: "The address of /healthz, /livez, /readyz and /metrics.") var bindAddress = "127.0.0.1"
    @Option(help: "Their port, plain HTTP; 0 for none.") var port: UInt16 = 10259
    @Option(help: "Requests per second to the API server over time; 0 for no limit.") var kubeApiQps = 5000.0
    @Option(help: "Requests at once.") var kubeApiBurst = 10000
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.logger("scheduler")
        let configuration = try input.configuration()
        ClientLoops.useOne()
        let registry = MetricsRegistry()
        let metrics = SchedulerMetrics(registry)
        let client = try input.client(qps: kubeApiQps, burst: kubeApiBurst, logger: logger)
        let scheduler = PodScheduler(
            client: client, configuration: configuration, metrics: metrics, seed: .random(in: .min ... .max),
            logger: logger)
        let leads = leaderElect ?? configuration.leaderElects ?? false
        let lease = NamespacedName(namespace: leaderElectResourceNamespace, name: leaderElectResourceName)
        let work = TaskService(logger: logger) {
            guard leads else { return await scheduler.run() }
            let elector = LeaderElector(
                client: client, lease: lease, identity: "\(Host.name)_\(UInt64.random(in: .min ... .max))",
                logger: logger)
            try await elector.run { await scheduler.run() }
        }
        var services: [any ServiceLifecycle.Service] = [work, MemoryRelease()]
        if let health = try await HealthListener.open(
            host: bindAddress, port: port, registry, logger: logger,
            isReady: { [latch = scheduler.knowsCluster] in latch.isOpen })
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
}
