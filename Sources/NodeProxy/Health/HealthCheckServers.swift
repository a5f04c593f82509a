import KubeAPI
import Logging
import NetTypes
import ProxyCore
import Synchronization
import Telemetry

/// Serves the `healthCheckNodePort`s of Services, where load balancers ask whether this node has endpoints.
public final class HealthCheckServers: Sendable {
    /// Where one check is answered.
    struct Place: Hashable, Sendable, Comparable {
        let port: UInt16
        /// nil: every address.
        let address: IPAddress?

        static func < (a: Place, b: Place) -> Bool {
            a.port != b.port ? a.port < b.port : a.address ?? .unspecified(.ipv6) < b.address ?? .unspecified(.ipv6)
        }
    }

    private struct State {
        /// By port.
        var checks: [UInt16: HealthCheck] = [:]
        var open: [Place: PersistentListener] = [:]
    }

    /// Told once when a check's port cannot be opened; it is tried again.
    public typealias FailureReport = @Sendable (HealthCheck, ListenError) -> Void

    private let state = Mutex(State())
    private let server: HTTPListeners
    private let health: ProxyHealth
    private let logger: Logger
    private let report: FailureReport

    public init(server: HTTPListeners, health: ProxyHealth, logger: Logger, report: @escaping FailureReport) {
        self.server = server
        self.health = health
        self.logger = logger
        self.report = report
    }

    /// Opens and closes listeners until they are those of the checks. Returns at once.
    public func update(_ served: ServedHealthChecks) {
        state.withLock { state in
            state.checks = Self.byPort(served.checks)
            let wanted = Self.places(state.checks.keys, served.addresses)
            for (place, listener) in state.open where !wanted.contains(place) {
                listener.close()
                state.open[place] = nil
            }
            for place in wanted.sorted() where state.open[place] == nil {
                state.open[place] = listen(place, state.checks[place.port])
            }
        }
    }

    /// Of two Services with one port, which the API does not allow, the first by name has it.
    static func byPort(_ checks: [HealthCheck]) -> [UInt16: HealthCheck] {
        Dictionary(checks.map { ($0.port, $0) }) { $0.service < $1.service ? $0 : $1 }
    }

    static func places(_ ports: some Sequence<UInt16>, _ addresses: [IPAddress]?) -> Set<Place> {
        Set(
            ports.flatMap { port in
                addresses.map { $0.map { Place(port: port, address: $0) } } ?? [Place(port: port, address: nil)]
            })
    }

    private func listen(_ place: Place, _ check: HealthCheck?) -> PersistentListener {
        var routes = HTTPRoutes()
        routes.get("/*") { [weak self] _ in self?.answer(place.port) ?? .text("", status: 503) }
        let origin = check.map { "healthCheckNodePort of Service \($0.service)" } ?? "healthCheckNodePort"
        var endpoint = HTTPEndpoint(
            host: place.address?.description ?? "::", port: place.port, origin: origin, routes: routes)
        endpoint.logger = logger
        return server.keepListening(endpoint) { [report] result in
            if case .failure(let error) = result, let check { report(check, error) }
        }
    }

    private func answer(_ port: UInt16) -> HTTPResponse {
        guard let check = state.withLock({ $0.checks[port] }) else { return .text("", status: 503) }
        return Self.response(check, isProxyHealthy: health.isHealthy)
    }

    static func response(_ check: HealthCheck, isProxyHealthy: Bool) -> HTTPResponse {
        let body: JSONValue = [
            "service": ["namespace": .string(check.service.namespace), "name": .string(check.service.name)],
            "localEndpoints": .integer(Int64(check.localEndpoints)), "serviceProxyHealthy": .bool(isProxyHealthy),
        ]
        return .json(
            JSONWriter.bytes(body), status: check.localEndpoints > 0 && isProxyHealthy ? 200 : 503,
            headers: [.noSniff, HTTPHeader("X-Load-Balancing-Endpoint-Weight", "\(check.localEndpoints)")])
    }
}
