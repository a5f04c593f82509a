import Glibc
import KubeAPI
import NetTypes
import Synchronization
import Telemetry

/// The proxy's health, shared between the loop that reports it and the servers that answer for it.
public final class ProxyHealth: Sendable {
    public typealias Clock = @Sendable () -> HealthMoment

    private let state: Mutex<HealthState>
    private let metrics: ProxyMetrics
    private let clock: Clock

    public init(_ state: HealthState, metrics: ProxyMetrics, clock: @escaping Clock = HealthMoment.now) {
        self.state = Mutex(state)
        self.metrics = metrics
        self.clock = clock
    }

    public func queued(_ families: some Sequence<IPFamily>) {
        let now = clock()
        state.withLock { state in
            for family in families { state.queued(family, at: now) }
        }
    }

    public func updated(_ families: some Sequence<IPFamily>) {
        let now = clock()
        state.withLock { state in
            for family in families { state.updated(family, at: now) }
        }
    }

    public func setNode(_ node: Node?) { state.withLock { $0.setNode(node) } }

    public func setSyncPeriod(_ period: GoDuration) { state.withLock { $0.setSyncPeriod(period) } }

    /// Whether the rules keep up, whatever the node's fate.
    public var isHealthy: Bool {
        let now = clock()
        return state.withLock { $0.isHealthy(at: now) }
    }

    /// The rules have shown all that was known once.
    public var hasSynced: Bool { state.withLock { $0.hasSynced } }

    /// What port 10256 answers.
    public var routes: HTTPRoutes {
        var routes = HTTPRoutes()
        routes.get("/healthz") { [self] _ in answer(withNode: true) }
        routes.get("/livez") { [self] _ in answer(withNode: false) }
        routes.get("/readyz") { [self] _ in .readiness(hasSynced) }
        return routes
    }

    private func answer(withNode: Bool) -> HTTPResponse {
        let now = clock()
        let report = state.withLock { $0.report(at: now, withNode: withNode) }
        let code = report.isGood ? 200 : 503
        (withNode ? metrics.healthz : metrics.livez)["\(code)"].increment()
        let type = withNode ? "healthz" : "livez"
        metrics.healthcheck["proxy", type].set(report.isGood ? 1 : 0)
        metrics.healthchecks["proxy", report.isGood ? "success" : "error", type].increment()
        return .json(JSONWriter.bytes(report.body), status: code, headers: [.noSniff])
    }
}

extension HTTPResponse {
    static func readiness(_ isReady: Bool) -> HTTPResponse {
        isReady ? .text("ok", headers: [.noSniff]) : .text("not synced yet\n", status: 503, headers: [.noSniff])
    }
}

extension HTTPHeader {
    static let noSniff = HTTPHeader("X-Content-Type-Options", "nosniff")
}

extension HealthMoment {
    /// What the machine's clocks say.
    @Sendable public static func now() -> HealthMoment {
        func read(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        return HealthMoment(wall: read(CLOCK_REALTIME), steady: read(CLOCK_BOOTTIME))
    }
}
