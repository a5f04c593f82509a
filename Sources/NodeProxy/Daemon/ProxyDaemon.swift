import Conntrack
import Glibc
import KubeClient
import Logging
import NetTypes
import ProxyCore
import ProxyUserspace
import ServiceLifecycle
import Synchronization
import Telemetry

/// The node proxy as a service: the loop on its thread, what feeds it, and the servers that tell of it.
public final class ProxyDaemon: Service {
    /// Where Services and EndpointSlices come from.
    public enum Input: Sendable {
        case manifests(directory: String)
        /// Events are posted there too.
        case kubernetes(APIAccess)
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
    private let listeners: HTTPListeners
    private let servers: DaemonServers
    private let metrics: ProxyMetrics
    private let pages: StatusPages
    private let health: ProxyHealth
    private let api: APISession?
    /// The mode that the configuration names and that could not be had: the next change of it asks again.
    private let refusedMode = Mutex<ProxyMode?>(nil)
    private var logger: Logger { options.logger }

    /// Throws when the way to the API server cannot be used.
    public init(_ options: Options) throws {
        self.options = options
        let build = BuildInfo(version: "v0.1.0")
        let metrics = ProxyMetrics(build: build)
        let (configuration, logger, nodeName) = (options.configuration, options.logger, options.nodeName)
        metrics.set(featureGates: configuration.featureGates)
        let api: APISession? =
            switch options.input {
            case .manifests: nil
            case .kubernetes(let access):
                try APISession(access, configuration, nodeName: nodeName, metrics: metrics, logger: logger)
            }
        let health = ProxyHealth(
            HealthState(syncPeriod: configuration.syncPeriod, needsNode: api != nil), metrics: metrics)
        let pages = StatusPages(
            metrics: metrics, configuration: configuration, flags: options.flags, build: build,
            logSettings: options.logSettings, isReady: { health.hasSynced })
        let listeners = HTTPListeners()
        let events = api.map { api in EventObserver { api.report($0) } }
        let checks = HealthCheckServers(server: listeners, health: health, logger: logger) { check, error in
            logger.error(
                "a health-check node port cannot be served; trying again",
                metadata: ["service": "\(check.service)", "error": "\(error)"])
            events?.cannotServe(check, error, nodeName: nodeName)
        }
        let userspace = UserspaceEngine { logger.warning("\($0)") }
        metrics.show(userspace)
        let loop = ProxyLoop(
            settings: configuration.settings(nodeName: nodeName), mode: configuration.proxyMode,
            tableName: options.tableName,
            ipvs: configuration.ipvsSettings, userspace: userspace,
            observer: ObserverGroup(
                [
                    MetricsObserver(
                        metrics: metrics, health: health, tableName: options.tableName,
                        serveHealthChecks: {
                            LoopbackRouting.enable(forNodePortsOn: $0.addresses, logger)
                            checks.update($0)
                        }), LogObserver(logger: logger), ModeObserver(pages: pages),
                ] + (events.map { [$0] } ?? [])))
        servers = DaemonServers(
            listeners, health: { health.routes }, metrics: { Self.metricsRoutes(pages, loop.mailbox) },
            logger: logger)
        self.listeners = listeners
        self.metrics = metrics
        self.pages = pages
        self.health = health
        self.api = api
        self.loop = loop
    }

    private static func metricsRoutes(_ pages: StatusPages, _ mailbox: Mailbox<ProxyInput>) -> HTTPRoutes {
        var routes = pages.routes()
        ExplainPage(mailbox: mailbox).add(to: &routes)
        ModePage(mailbox: mailbox).add(to: &routes)
        return routes
    }

    /// A configuration that has changed: what can be taken up while running is, the rest is named in the log.
    public func reload(_ new: KubeProxyConfiguration, from old: KubeProxyConfiguration) {
        let changes = KubeProxyConfiguration.changes(from: old, to: new)
        guard !changes.isEmpty else { return }
        for change in changes {
            let isLive = change.impact != .restart
            logger.log(
                level: isLive ? .info : .warning,
                isLive ? "the configuration changed" : "the configuration changed; this takes a restart",
                metadata: ["change": "\(change)"])
        }
        new.logging.apply(to: options.logSettings)
        pages.set(new)
        metrics.set(featureGates: new.featureGates)
        health.setSyncPeriod(new.syncPeriod)
        let impacts = Set(changes.map(\.impact))
        let settings = new.settings(nodeName: options.nodeName)
        if impacts.contains(.mode) || refusedMode.withLock({ $0 == new.proxyMode }) {
            wish(new.proxyMode, settings)
        } else if impacts.contains(.settings) {
            loop.mailbox.send(.settings(settings))
        }
        if impacts.contains(.conntrack) { applyConntrackSettings(new) }
        if impacts.contains(.process) { ProcessScore.set(new.oomScoreAdj, logger) }
        if impacts.contains(.servers) { servers.apply(new) }
        api?.apply(new, from: old)
    }

    /// Until a mode can be had, the pages show the one that stays.
    private func wish(_ mode: ProxyMode, _ settings: @escaping SettingsByMode) {
        let request = ProxyInput.ModeRequest(mode: mode, settings: settings) { [weak self] result in
            let isRefused = if case .failure = result { true } else { false }
            self?.refusedMode.withLock { $0 = isRefused ? mode : nil }
            if isRefused { self?.pages.keepMode() }
        }
        loop.mailbox.send(.mode(request))
    }

    // MARK: Running

    /// Runs until graceful shutdown; the rules stay in the kernel.
    public func run() async throws {
        ProcessScore.set(options.configuration.oomScoreAdj, logger)
        applyConntrackSettings()
        do {
            try await servers.start(options.configuration)
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
        await api?.shutdown()
    }

    /// Needs more rights than the rest: `--init-only` does this alone.
    public func applyConntrackSettings() { applyConntrackSettings(options.configuration) }

    private func applyConntrackSettings(_ configuration: KubeProxyConfiguration) {
        for failure in ConntrackSettings(configuration.conntrack).apply(cores: options.cores) {
            logger.warning("a conntrack setting stays as it is", metadata: ["reason": "\(failure)"])
        }
    }

    /// The loop ends when it is told to, the feed when it fails: either ends the rest.
    private func runAll() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await LoopThread(loop: self.loop).run() }
            group.addTask { try await self.feed() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func feed() async throws {
        switch options.input {
        case .manifests(let directory):
            let feed = ManifestFeed(directory: directory, mailbox: loop.mailbox, logger: logger) { [metrics] in
                metrics.malformedObjects["manifests"].increment()
            }
            try await feed.run(nodeName: options.nodeName)
        case .kubernetes: await api?.run(loop.mailbox)
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
