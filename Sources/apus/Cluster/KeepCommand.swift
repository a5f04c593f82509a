import ArgumentParser
import CNI
import KubeClient
import LocalCluster
import Logging
import Namespaces
import ServiceLifecycle
import Telemetry
import Threads

/// The process that keeps a cluster's other processes; `apus up` starts it.
struct KeepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Keep the processes of a cluster running.", shouldDisplay: false)

    @OptionGroup var flags: ClusterFlags

    func run() async throws {
        ClientLoops.useOne()
        let logger = LogFormat.Choice.auto.logger("keeper")
        let layout = try flags.layout()
        let environment = Environment.all.map { "\($0.key)=\($0.value)" }
        let keeper = Keeper(layout, environment: environment, logger: logger)
        let routes = ControlRoutes(layout: layout, logger: logger)
        let work = TaskService(logger: logger) {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await keeper.run() }
                group.addTask { try await routes.run() }
            }
        }
        var services: [any ServiceLifecycle.Service] = [work, MemoryRelease()]
        do {
            if let health = try await KeeperHealth(layout: layout, keeper: keeper, logger: logger).open() {
                services.append(health)
            }
        } catch {
            // Its processes matter more than who asks after them.
            logger.error("no health and metrics", metadata: ["error": "\(error)"])
        }
        let group = ServiceGroup(
            configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

/// The keeper's health and metrics, on the loopback of the control plane's namespace: the machine's own gets nothing.
private struct KeeperHealth {
    let layout: ClusterLayout
    let keeper: Keeper
    let logger: Logger

    func open() async throws -> HTTPListeners? {
        let namespace = layout.controlNamespace
        let descriptor = try await OwnThread.wait {
            try NetworkNamespace.named(namespace).run { try HostDoor(port: ClusterLayout.keeperPort).release() }
        }
        let registry = MetricsRegistry()
        registry.measuredFamilies("apus_keeper") { [keeper] in Self.families(keeper.report) }
        return try await HealthListener.open(
            host: "127.0.0.1", port: ClusterLayout.keeperPort, descriptor: descriptor, registry, origin: "the keeper",
            logger: logger, isReady: { [keeper] in keeper.report.isComplete })
    }

    private static func families(_ report: KeeperReport) -> [MeasuredFamily] {
        func family(
            _ name: String, _ help: String, _ kind: MeasuredFamily.Kind, _ value: (KeeperReport.Part) -> Int
        ) -> MeasuredFamily {
            MeasuredFamily(
                name, help, kind, report.parts.map { .init([("component", $0.name)], .number(Double(value($0)))) })
        }
        return [
            family("apus_keeper_component_running", "1 while the component's process runs.", .gauge) {
                $0.pid == nil ? 0 : 1
            },
            family(
                "apus_keeper_component_starts_total", "How often it was started, or taken up from an earlier keeper.",
                .counter
            ) { $0.starts },
        ]
    }
}

/// Routes from the control plane's namespace to the pods, for the API server's proxy and webhooks.
private struct ControlRoutes {
    let layout: ClusterLayout
    let logger: Logger

    func run() async throws {
        let namespace = try NetworkNamespace.named(layout.controlNamespace)
        let client = AgentCommand.client(try Kubeconfig(contentsOf: layout.kubeconfig).connection(), logger)
        await NodeRouteFeed(nodeName: "", client: client, host: HostNamespace(namespace), logger: logger).run()
        try? await client.shutdown()
    }
}
