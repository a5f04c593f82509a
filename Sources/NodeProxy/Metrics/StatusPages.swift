import Glibc
import KubeAPI
import Synchronization
import Telemetry

/// What port 10249 answers.
public final class StatusPages: Sendable {
    private let metrics: ProxyMetrics
    private let build: BuildInfo
    private let flags: [GivenFlag]
    private let logSettings: LogSettings
    private let configuration: Mutex<KubeProxyConfiguration>
    /// The one in force, which `auto` does not tell.
    private let mode = Mutex(ProxyMode.nftables)
    private let started = HealthMoment.now()
    private let isReady: @Sendable () -> Bool

    /// `flags`: those that were given. `isReady`: for /readyz.
    public init(
        metrics: ProxyMetrics, configuration: KubeProxyConfiguration, flags: [GivenFlag], build: BuildInfo,
        logSettings: LogSettings, isReady: @escaping @Sendable () -> Bool = { true }
    ) {
        self.isReady = isReady
        self.metrics = metrics
        self.configuration = Mutex(configuration)
        self.flags = flags
        self.build = build
        self.logSettings = logSettings
    }

    /// After a reload.
    public func set(_ new: KubeProxyConfiguration) { configuration.withLock { $0 = new } }

    /// The mode that the configuration names could not be had.
    func keepMode() {
        let inForce = mode.withLock { $0 }
        configuration.withLock { $0.mode = inForce.rawValue }
    }

    /// At the start, and after a switch.
    public func set(_ new: ProxyMode) { mode.withLock { $0 = new } }

    public func routes() -> HTTPRoutes {
        var routes = HTTPRoutes()
        let metrics = metrics
        let type = HTTPHeader("Content-Type", MetricsRegistry.contentType)
        routes.get("/metrics") { _ in HTTPResponse(headers: [type], body: metrics.registry.exposition()) }
        routes.get("/metrics/slis") { _ in HTTPResponse(headers: [type], body: metrics.indicators.exposition()) }
        for path in ["/healthz", "/livez"] { routes.get(path) { _ in .text("ok", headers: [.noSniff]) } }
        routes.get("/readyz") { [isReady] _ in .readiness(isReady()) }
        routes.get("/proxyMode") { [self] _ in .text(mode.withLock { $0.rawValue }, headers: [.noSniff]) }
        routes.get("/configz") { [self] _ in
            .json(JSONWriter.bytes(configuration.withLock { $0.configz }), headers: [.noSniff])
        }
        routes.get("/statusz") { [self] _ in .text(statusz(now: .now())) }
        routes.get("/flagz") { [self] _ in .text(flagz) }
        if configuration.withLock({ $0.enableProfiling }) { addDebugging(&routes) }
        return routes
    }

    /// The verbosity of the log, to read and to set. There are no Go profiles.
    private func addDebugging(_ routes: inout HTTPRoutes) {
        let settings = logSettings
        routes.get("/debug/flags/v") { _ in .text("\(settings.verbosity)\n") }
        routes.put("/debug/flags/v") { request in
            let text = String(decoding: request.body, as: UTF8.self).trimmed
            guard let verbosity = UInt32(text) else {
                return .text("must be a number, got \(JSONWriter.text(.string(text)))\n", status: 400)
            }
            settings.set(verbosity: verbosity)
            return .text("successfully set verbosity to \(verbosity)\n")
        }
    }

    private static func header(_ page: String) -> String {
        "\nkube-proxy \(page)\nWarning: This page is for people who debug; its form may change at any time.\n\n"
    }

    func statusz(now: HealthMoment) -> String {
        let seconds = max(0, (now.steady - started.steady) / 1_000_000_000)
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return Self.header("statusz") + """
            Started: \(RFC3339.text(nanoseconds: started.wall, .seconds))
            Up: \(seconds / 3600) hr \(padded(seconds / 60 % 60)) min \(padded(seconds % 60)) sec
            Binary version: \(build.version)
            Platform: \(BuildInfo.platform)
            Paths: /configz /flagz /healthz /metrics /metrics/slis /proxyMode /statusz

            """
    }

    /// Every flag with its value, the given ones as they were given.
    var flagz: String {
        let json = configuration.withLock { $0.json }
        let lines = ProxyFlag.all.map { flag in
            let given = flags.last { $0.name == flag.name }?.value
            return "\(flag.name)=\(given ?? flag.text(in: json))\n"
        }
        return Self.header("flagz") + lines.sorted().joined()
    }
}
