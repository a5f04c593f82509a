import ArgumentParser
import ControlLoops
import Controllers
import KubeClient
import Logging
import ServiceLifecycle
import Telemetry

/// Puts a controller manager together and runs it.
struct ControllerManagerRun {
    let options: ControllerManagerOptions
    let logger: Logger

    func run() async throws {
        let selection = try ControllerCatalogue.Selection(options.controllers.words)
        let connection = try Kubeconfig(contentsOf: options.kubeconfig).connection()
        let settings = try settings(connection)
        let policy = try electionPolicy()
        ClientLoops.useOne()
        let registry = MetricsRegistry()
        let metrics = ClientMetrics(registry)
        let client = KubeClient(connection, options: clientOptions, logger: logger, observer: metrics.observer)
        let context = ControllerContext(
            client: client, settings: settings, metrics: ControllerMetrics(registry), logger: logger)
        let started = Latch()
        // Ready is also who only waits to take over.
        let standby = Latch()
        let manager = TaskService(logger: logger) { [options, logger] in
            guard options.leaderElect else {
                return await ControllerCatalogue.run(selection, context, started: started)
            }
            let elector = LeaderElector(
                client: client,
                lease: .init(
                    namespace: options.leaderElectResourceNamespace, name: options.leaderElectResourceName),
                identity: "\(Host.name)_\(UInt64.random(in: .min ... .max))", policy: policy, logger: logger)
            try await metrics.lead(elector, lease: options.leaderElectResourceName, standby: standby) {
                await ControllerCatalogue.run(selection, context, started: started)
            }
        }
        var services: [any Service] = [manager, MemoryRelease()]
        if let listeners = try await HealthListener.open(
            host: options.bindAddress, port: options.port, registry, logger: logger,
            isReady: { started.isOpen || standby.isOpen })
        {
            services.append(listeners)
        }
        let group = ServiceGroup(
            configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        )
        do {
            try await group.run()
        } catch {
            try? await client.shutdown()
            throw error
        }
        try? await client.shutdown()
    }

    private var clientOptions: KubeClient.Options {
        var client = KubeClient.Options()
        client.userAgent = "apus-controller-manager"
        client.environment = Environment.all
        client.qps = options.kubeApiQps
        client.burst = options.kubeApiBurst
        return client
    }

    private func electionPolicy() throws -> LeaderElector.Election.Policy {
        let policy = LeaderElector.Election.Policy(
            leaseDuration: try options.duration("leader-elect-lease-duration", options.leaderElectLeaseDuration),
            renewDeadline: try options.duration("leader-elect-renew-deadline", options.leaderElectRenewDeadline),
            retryPeriod: try options.duration("leader-elect-retry-period", options.leaderElectRetryPeriod))
        if let refusal = policy.refusal { throw ValidationError("--leader-elect-…: \(refusal)") }
        return policy
    }

    private func settings(_ connection: ServerConnection) throws -> ControllerSettings {
        var settings = ControllerSettings()
        settings.rootAuthority = try options.rootCaFile.map(TextInput.read) ?? connection.authorityText ?? ""
        settings.clusterCIDRs = options.clusterCidr.words
        settings.allocatesNodeCIDRs = options.allocateNodeCidrs
        settings.nodeMaskIPv4 = options.nodeCidrMaskSizeIpv4
        settings.nodeMaskIPv6 = options.nodeCidrMaskSizeIpv6
        settings.serviceRanges = options.serviceClusterIpRange.words
        settings.nodeMonitorGrace = try options.duration("node-monitor-grace-period", options.nodeMonitorGracePeriod)
        _ = try options.duration("node-monitor-period", options.nodeMonitorPeriod)
        settings.evictionRate = options.nodeEvictionRate
        settings.secondaryEvictionRate = options.secondaryNodeEvictionRate
        settings.largeZoneSize = options.largeClusterSizeThreshold
        settings.unhealthyZoneShare = options.unhealthyZoneThreshold
        settings.finishedPodLimit = options.terminatedPodGcThreshold
        settings.maximumEndpointsPerSlice = options.maxEndpointsPerSlice
        settings.loadBalancerPools = options.loadBalancerPools.words
        settings.keys = try ControllerKeys(options)
        settings.signingLifetime = try options.duration("cluster-signing-duration", options.clusterSigningDuration)
            .components.seconds
        return settings
    }
}

extension String {
    /// Of a list separated by commas.
    fileprivate var words: [String] {
        split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init).filter { !$0.isEmpty }
    }
}
