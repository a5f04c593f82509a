import Conntrack
import Glibc
import KubeClient
import Logging
import NetTypes
import ProxyCore
import ServiceLifecycle
import Telemetry

/// The node proxy as a service: the loop on its thread, what feeds it, and the servers that tell of it.
public final class ProxyDaemon: Service {
    /// Where Services and EndpointSlices come from.
    public enum Input: Sendable {
        case manifests(directory: String)
        /// Connects with this, and posts Events there.
        case kubernetes(ServerConnection, environment: [String: String])
    }

    public struct Options: Sendable {
        public var configuration: KubeProxyConfiguration
        public var flags: [GivenFlag]
        public var input: Input
        public var tableName: String
        public var nodeName: String
        public var logger: Logger
        public var logSettings: LogSettings
        public var cores: Int

        public init(
            configuration: KubeProxyConfiguration, flags: [GivenFlag], input: Input, tableName: String,
            nodeName: String, logger: Logger, logSettings: LogSettings, cores: Int
        ) {
            self.configuration = configuration
            self.flags = flags
            self.input = input
            self.tableName = tableName
            self.nodeName = nodeName
            self.logger = logger
            self.logSettings = logSettings
            self.cores = cores
        }
    }

    private let options: Options
    private let loop: ProxyLoop
    private let listeners = HTTPListeners()
    private let pages: StatusPages
    private let health: ProxyHealth
    private let client: KubeClient?
    private let events: EventSink?
    private var logger: Logger { options.logger }

    public init(_ options: Options) {
        self.options = options
        let build = BuildInfo(version: "v0.1.0")
        let metrics = ProxyMetrics(mode: .nftables, build: build)
        let configuration = options.configuration
        let settings = configuration.proxySettings(nodeName: options.nodeName)
        var needsNode = false
        switch options.input {
        case .manifests: client = nil
        case .kubernetes(let connection, let environment):
            needsNode = true
            client = Self.client(connection, environment, configuration, metrics, options.logger)
        }
        events = client.map {
            EventSink(client: $0, controller: "kube-proxy", instance: options.nodeName, logger: options.logger)
        }
        health = ProxyHealth(HealthState(syncPeriod: configuration.syncPeriod, needsNode: needsNode), metrics: metrics)
        let logger = options.logger
        let checks = HealthCheckServers(server: listeners, health: health) { check, error in
            logger.error(
                "a health-check node port cannot be served",
                metadata: ["service": "\(check.service)", "error": "\(error)"])
        }
        var observers: [any ProxyObserver] = [
            MetricsObserver(
                metrics: metrics, health: health, tableName: options.tableName, serveHealthChecks: { checks.update($0) }
            ),
            LogObserver(logger: logger),
        ]
        if let events { observers.append(EventObserver(sink: events)) }
        loop = ProxyLoop(settings: settings, tableName: options.tableName, observer: ObserverGroup(observers))
        pages = StatusPages(
            metrics: metrics, configuration: configuration, flags: options.flags, build: build,
            logSettings: options.logSettings)
    }

    private static func client(
        _ connection: ServerConnection, _ environment: [String: String], _ configuration: KubeProxyConfiguration,
        _ metrics: ProxyMetrics, _ logger: Logger
    ) -> KubeClient {
        var clientOptions = KubeClient.Options()
        clientOptions.environment = environment
        clientOptions.qps = Double(configuration.clientConnection.qps)
        clientOptions.burst = Int(configuration.clientConnection.burst)
        return KubeClient(connection, options: clientOptions, logger: logger) { request in
            metrics.requests[request.code, request.host, request.method].increment()
            metrics.requestDuration[request.host, request.verb].observe(request.duration)
        }
    }

    /// A configuration that has changed: what can be taken up while running is, the rest is named in the log.
    public func reload(_ new: KubeProxyConfiguration, from old: KubeProxyConfiguration) {
        let changes = KubeProxyConfiguration.changes(from: old, to: new)
        guard !changes.isEmpty else { return }
        for change in changes {
            let isLive = [.none, .logging, .settings].contains(change.impact)
            logger.log(
                level: isLive ? .info : .warning,
                isLive ? "the configuration changed" : "the configuration changed; this takes a restart",
                metadata: ["change": "\(change)"])
        }
        options.logSettings.set(verbosity: new.logging.verbosity)
        pages.set(new)
        health.setSyncPeriod(new.syncPeriod)
        loop.mailbox.send(.settings(new.proxySettings(nodeName: options.nodeName)))
    }

    // MARK: Running

    /// Runs until graceful shutdown; the rules stay in the kernel.
    public func run() async throws {
        applyConntrackSettings()
        try await listen()
        do {
            try await withGracefulShutdownHandler {
                try await runAll()
            } onGracefulShutdown: { [loop] in
                loop.mailbox.send(.stop)
            }
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func close() async {
        await listeners.stop()
        try? await client?.shutdown()
    }

    /// Needs more rights than the rest: `--init-only` does this alone.
    public func applyConntrackSettings() {
        let settings = ConntrackSettings(options.configuration.conntrack)
        for failure in settings.apply(cores: options.cores) {
            logger.warning("a conntrack setting stays as it is", metadata: ["reason": "\(failure)"])
        }
    }

    private func listen() async throws {
        let configuration = options.configuration
        if let address = configuration.healthzAddress {
            let endpoint = HTTPEndpoint(
                host: "\(address.address)", port: address.port, origin: "flag --healthz-bind-address",
                routes: health.routes)
            try await open(endpoint)
        }
        if let address = configuration.metricsAddress {
            var routes = pages.routes(mode: .nftables)
            ExplainPage(mailbox: loop.mailbox).add(to: &routes)
            let endpoint = HTTPEndpoint(
                host: "\(address.address)", port: address.port, origin: "flag --metrics-bind-address", routes: routes)
            try await open(endpoint)
        }
    }

    /// A port that is taken is fatal only when the configuration says so, as in kube-proxy.
    private func open(_ endpoint: HTTPEndpoint) async throws {
        do {
            _ = try await listeners.listen(endpoint)
        } catch {
            guard !options.configuration.bindAddressHardFail else { throw error }
            logger.error("\(error)")
        }
    }

    /// The loop ends when it is told to, the feed when it fails: either ends the rest.
    private func runAll() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await LoopThread(loop: self.loop).run() }
            group.addTask { try await self.feed() }
            if let events { group.addTask { await events.run() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func feed() async throws {
        switch options.input {
        case .manifests(let directory):
            let feed = ManifestFeed(directory: directory, mailbox: loop.mailbox, logger: logger)
            try await feed.run(nodeName: options.nodeName)
        case .kubernetes:
            guard let client else { return }
            let feed = KubernetesFeed(client: client, mailbox: loop.mailbox, logger: logger)
            await feed.run(nodeName: options.nodeName)
        }
    }
}

extension ConntrackSettings {
    /// nil and 0 leave a setting alone.
    init(_ configuration: KubeProxyConfiguration.Conntrack) {
        func seconds(_ duration: GoDuration) -> Int? {
            duration.nanoseconds > 0 ? Int(duration.nanoseconds / 1_000_000_000) : nil
        }
        self.init(
            maxPerCore: configuration.maxPerCore > 0 ? Int(configuration.maxPerCore) : nil,
            min: configuration.min > 0 ? Int(configuration.min) : nil,
            tcpEstablishedTimeout: seconds(configuration.tcpEstablishedTimeout),
            tcpCloseWaitTimeout: seconds(configuration.tcpCloseWaitTimeout), tcpBeLiberal: configuration.tcpBeLiberal,
            udpTimeout: seconds(configuration.udpTimeout), udpStreamTimeout: seconds(configuration.udpStreamTimeout))
    }
}
