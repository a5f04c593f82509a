import Logging
import Telemetry

/// /healthz, /livez, /readyz and /metrics of a daemon.
enum HealthListener {
    /// nil when the port is 0.
    /// - Parameters:
    ///   - descriptor: a socket that is bound already.
    ///   - isReady: for /readyz.
    static func open(
        host: String, port: UInt16, descriptor: CInt? = nil, _ registry: MetricsRegistry,
        origin: String = "--bind-address and --port", logger: Logger, isReady: @escaping @Sendable () -> Bool = { true }
    ) async throws -> HTTPListeners? {
        guard port != 0 else { return nil }
        registry.registerProcessMetrics()
        var routes = HTTPRoutes()
        for path in ["/healthz", "/livez"] { routes.get(path) { _ in .text("ok") } }
        routes.get("/readyz") { _ in isReady() ? .text("ok") : .text("not ready\n", status: 503) }
        routes.get("/metrics") { _ in
            HTTPResponse(
                headers: [HTTPHeader("Content-Type", MetricsRegistry.contentType)], body: registry.exposition())
        }
        let listeners = HTTPListeners()
        var endpoint = HTTPEndpoint(host: host, port: port, origin: origin, routes: routes)
        endpoint.descriptor = descriptor
        endpoint.logger = logger
        let listener = try await listeners.listen(endpoint)
        logger.info("health and metrics on http://\(host):\(listener.port)")
        return listeners
    }
}
