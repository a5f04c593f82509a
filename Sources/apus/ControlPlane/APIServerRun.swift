import APIServer
import ArgumentParser
import Glibc
import KubeAPI
import KubeSchema
import Logging
import Manifests
import NIOPosix
import NetTypes
import PKI
import ServiceLifecycle
import StoreCore
import Telemetry

/// Puts an API server together: store, registry, access, listener; and runs it.
struct APIServerRun {
    let serving: ServingOptions
    let access: AccessOptions
    let cluster: ClusterOptions
    let storage: StoreOptions
    let logger: Logger

    func run() async throws {
        let network = try cluster.network
        try TextInput.makeFolder(serving.dataDir)
        let certificates = try ControlPlaneCertificates(
            serving, clientAuthorities: access.clientCaFile, network: network, now: Clock.seconds())
        let engine = try await storage.open(folder: serving.dataDir, logger: logger)
        do {
            let metrics = MetricsRegistry()
            metrics.registerProcessMetrics()
            try await serve(MeasuredStore(engine.store, StoreMetrics(metrics)), certificates, network, metrics)
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
    }

    private func serve(
        _ store: any Store, _ certificates: ControlPlaneCertificates, _ network: ServiceNetwork,
        _ metrics: MetricsRegistry
    ) async throws {
        let strategies = StrategyTable(
            store: store, network: network, eventLifetimeSeconds: try cluster.eventLifetimeSeconds)
        let entrance = try Entrance(access, certificates: certificates, store: store, logger: logger)
        let disabled = Set(cluster.disableAdmissionPlugins.split(separator: ",").map(String.init))
        let registry = Registry(
            store: store, resources: ServedResources(.builtin, strategies),
            admission: AdmissionChain(store: store, disabled: disabled, besides: entrance.admission),
            clock: { Clock.nanoseconds() })

        let bootstrap = ClusterBootstrap(
            registry, network: network, advertised: AddressPort(advertisedAddress, serving.securePort),
            clock: { Clock.nanoseconds() })
        try await bootstrap.run(isAlone: !storage.isShared)
        try await entrance.feed.load()
        guard let registrar = CustomResourceRegistrar(registry, logger: logger, clock: { Clock.nanoseconds() }) else {
            throw ValidationError("CustomResourceDefinitions are not among the served resources")
        }
        _ = try await registrar.load()

        let (contexts, rotation) = try certificates.listener(serving, logger: logger)
        var options = APIServer.Options()
        options.bindAddress = serving.bindAddress
        options.port = Int(serving.securePort)
        options.descriptors = (0..<serving.listenDescriptors).map { STDERR_FILENO + 1 + $0 }
        options.tls = contexts
        options.allowsAnonymous = access.anonymousAuth
        options.sharesWatches = !storage.isShared
        entrance.apply(to: &options)
        options.yaml = { bytes in
            try YAMLDocuments.parse(String(decoding: bytes, as: UTF8.self), file: "body").first?.value ?? .null
        }
        let flow = FlowController(
            limits: .init(reading: cluster.maxRequestsInflight, mutating: cluster.maxMutatingRequestsInflight),
            metrics: metrics)
        options.flowControl = flow
        let (agentTLS, agentRotation) = try certificates.nodeAgents(
            authorities: access.kubeletCertificateAuthority.map(TextInput.read), logger: logger)
        let agents = NodeAgentClient(group: MultiThreadedEventLoopGroup.singleton, tls: agentTLS)
        let objects = StoredObjects(store)
        options.streams = StreamRelay(objects, agents)
        options.computed = [
            "componentstatuses": ComponentStatuses(agents, store: objects),
            "nodes.metrics.k8s.io": UsageMetrics(of: .nodes, agents, store: objects, clock: Clock.nanoseconds),
            "pods.metrics.k8s.io": UsageMetrics(of: .pods, agents, store: objects, clock: Clock.nanoseconds),
        ]
        entrance.audit?.register(in: metrics)
        options.subresources.merge([
            "pods/binding": PodBindingHandler(), "bindings": PodBindingHandler(), "pods/eviction": PodEvictionHandler(),
        ]) { $1 }
        if let path = serving.writeKubeconfig {
            try certificates.writeKubeconfig(to: path, server: "https://\(clientHost):\(serving.securePort)")
            logger.info("wrote an administrator's kubeconfig to \(path)")
        }
        let server = APIServer(registry, options, metrics: metrics, logger: logger)
        var services: [any ServiceLifecycle.Service] = [
            entrance.feed, ObjectFeed.flowControl(flow, store: store, logger: logger), registrar, agentRotation,
            StoredObjectCounts(registry, metrics), MemoryRelease(letGo: server.forgetRecent), server,
        ]
        if let upkeep = APIServiceUpkeep(registry, logger: logger) { services.append(upkeep) }
        if let upkeep = FlowSchemaUpkeep(registry, logger: logger) { services.append(upkeep) }
        if let rotation { services.append(rotation) }
        if storage.isShared { services.append(ServerEndpoints(store, bootstrap, logger: logger)) }
        if let interval = try storage.compactionInterval {
            services.append(StoreCompaction(store, every: interval, logger: logger))
        }
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        entrance.audit?.stop()
    }

    /// Where others reach this server.
    private var advertisedAddress: IPAddress {
        let given = IPAddress(serving.advertiseAddress ?? serving.bindAddress)
        guard let given, !given.isUnspecified else { return HostAddresses.first }
        return given
    }

    /// Where clients on this machine reach it.
    private var clientHost: String {
        let bound = IPAddress(serving.bindAddress)
        guard let bound, !bound.isUnspecified else { return "127.0.0.1" }
        return bound.family == .ipv6 ? "[\(bound)]" : bound.description
    }
}
