import Logging
import NetTypes
import Synchronization
import Telemetry

/// The health and the metrics server, which open anew when the configuration moves them.
final class DaemonServers: Sendable {
    /// Where a server is, and what it serves.
    private struct Place: Hashable {
        let address: AddressPort
        let isProfiling: Bool
    }

    private enum Opened {
        case once(HTTPListener)
        case persistent(PersistentListener)

        func close() {
            switch self {
            case .once(let listener): listener.close()
            case .persistent(let listener): listener.close()
            }
        }
    }

    private enum Role: CaseIterable {
        case health, metrics

        var origin: String {
            switch self {
            case .health: "flag --healthz-bind-address"
            case .metrics: "flag --metrics-bind-address"
            }
        }

        func place(_ configuration: KubeProxyConfiguration) -> Place? {
            switch self {
            case .health: configuration.healthzAddress.map { Place(address: $0, isProfiling: false) }
            case .metrics:
                configuration.metricsAddress.map {
                    Place(address: $0, isProfiling: configuration.enableProfiling)
                }
            }
        }
    }

    private let listeners: HTTPListeners
    private let healthRoutes: @Sendable () -> HTTPRoutes
    private let metricsRoutes: @Sendable () -> HTTPRoutes
    private let logger: Logger
    private let open = Mutex<[Role: (place: Place, listener: Opened)]>([:])
    private static let retry = Duration.seconds(1)

    init(
        _ listeners: HTTPListeners, health: @escaping @Sendable () -> HTTPRoutes,
        metrics: @escaping @Sendable () -> HTTPRoutes, logger: Logger
    ) {
        self.listeners = listeners
        healthRoutes = health
        metricsRoutes = metrics
        self.logger = logger
    }

    /// Opens what the configuration asks for. A port that is taken is tried again and again, unless the configuration
    /// says `bindAddressHardFail`.
    func start(_ configuration: KubeProxyConfiguration) async throws(ListenError) {
        guard configuration.bindAddressHardFail else { return apply(configuration) }
        for role in Role.allCases {
            guard let place = role.place(configuration) else { continue }
            let listener = try await listeners.listen(endpoint(role, place))
            open.withLock { $0[role] = (place, .once(listener)) }
        }
    }

    /// Moves those servers whose address changed; the others stay. Returns at once.
    func apply(_ configuration: KubeProxyConfiguration) {
        open.withLock { open in
            for role in Role.allCases {
                let wanted = role.place(configuration)
                guard wanted != open[role]?.place else { continue }
                open.removeValue(forKey: role)?.listener.close()
                if let wanted { open[role] = (wanted, .persistent(keepListening(role, wanted))) }
            }
        }
    }

    private func keepListening(_ role: Role, _ place: Place) -> PersistentListener {
        listeners.keepListening(endpoint(role, place), retryEvery: Self.retry) { [logger] result in
            switch result {
            case .success(let port):
                logger.debug("listening", metadata: ["address": "\(place.address)", "port": "\(port)"])
            case .failure(let error): logger.error("\(error); trying again every \(Self.retry)")
            }
        }
    }

    private func endpoint(_ role: Role, _ place: Place) -> HTTPEndpoint {
        var endpoint = HTTPEndpoint(
            host: "\(place.address.address)", port: place.address.port, origin: role.origin,
            routes: role == .health ? healthRoutes() : metricsRoutes())
        endpoint.logger = logger
        return endpoint
    }
}
