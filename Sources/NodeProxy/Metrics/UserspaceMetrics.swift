import NetTypes
import ProxyUserspace
import Telemetry

extension ProxyMetrics {
    /// Shows what the userspace mode does while it has Services; nothing in other modes.
    public func show(_ engine: UserspaceEngine) {
        registry.measuredFamilies("apus_userspace_") {
            let traffic = engine.traffic
            guard !traffic.isEmpty || engine.openConnections > 0 else { return [] }
            return UserspaceMetrics.families(traffic, open: engine.openConnections, shortages: engine.shortages)
        }
    }
}

/// The metrics of the userspace mode, as a function of its counters.
enum UserspaceMetrics {
    /// Service ports that nobody has used have no series, so that the page does not grow with idle Services.
    static func families(_ traffic: [ServiceTraffic], open: Int, shortages: UInt64) -> [MeasuredFamily] {
        let used = traffic.filter(\.isUsed)
        func each(_ value: (ServiceTraffic) -> Double) -> [MeasuredFamily.Sample] {
            used.map { .init(labels($0), .number(value($0))) }
        }
        func histograms(_ value: (ServiceTraffic) -> LatencyHistogram) -> [MeasuredFamily.Sample] {
            used.filter { value($0).count > 0 }.map {
                let histogram = value($0)
                return .init(
                    labels($0), .histogram(bounds: histogram.bounds, counts: histogram.counts, sum: histogram.sum))
            }
        }
        let bytes = used.flatMap { one -> [MeasuredFamily.Sample] in
            [("to_clients", one.bytesToClients), ("to_endpoints", one.bytesToEndpoints)].map {
                .init(labels(one) + [("direction", $0.0)], .number(Double($0.1)))
            }
        }
        let health = traffic.filter { $0.checkedEndpoints > 0 }.flatMap { one -> [MeasuredFamily.Sample] in
            let healthy = one.checkedEndpoints - one.unhealthyEndpoints
            return [("healthy", healthy), ("unhealthy", one.unhealthyEndpoints)].map {
                .init(labels(one) + [("state", $0.0)], .number(Double($0.1)))
            }
        }
        return [
            MeasuredFamily("apus_userspace_bytes_total", "Bytes of TCP connections.", .counter, bytes),
            MeasuredFamily(
                "apus_userspace_connect_duration_seconds", "From a connect's beginning until the endpoint accepted.",
                .histogram, histograms(\.connectLatency)),
            MeasuredFamily(
                "apus_userspace_connection_duration_seconds", "From a connect's beginning until the connection's end.",
                .histogram, histograms(\.duration)),
            MeasuredFamily(
                "apus_userspace_connections_failed_total", "Connections for which no endpoint answered.", .counter,
                each { Double($0.failures) }),
            MeasuredFamily(
                "apus_userspace_connections_open", "TCP connections that are open.", .gauge, each { Double($0.open) }),
            MeasuredFamily(
                "apus_userspace_connections_over_limit_total", "Connections above the Service's limit, reset.",
                .counter, each { Double($0.overLimit) }),
            MeasuredFamily(
                "apus_userspace_connections_total", "TCP connections and UDP sessions that began.", .counter,
                each { Double($0.connections) }),
            MeasuredFamily(
                "apus_userspace_endpoints", "Endpoints with active checks, by what came of them.", .gauge, health),
            MeasuredFamily(
                "apus_userspace_open", "TCP connections that are open, also those whose Service is gone.", .gauge,
                [.init([], .number(Double(open)))]),
            MeasuredFamily(
                "apus_userspace_retries_total", "Connects to another endpoint after one refused.", .counter,
                each { Double($0.retries) }),
            MeasuredFamily(
                "apus_userspace_socket_shortages_total",
                "Times that a socket could not be had: descriptors or local ports were used up.", .counter,
                [.init([], .number(Double(shortages)))]),
        ]
    }

    private static func labels(_ traffic: ServiceTraffic) -> [(name: String, value: String)] {
        [
            ("namespace", traffic.name.service.namespace), ("service", traffic.name.service.name),
            ("port", traffic.name.port), ("protocol", "\(traffic.name.proto)"),
            ("ip_family", traffic.name.family.label),
        ]
    }
}

extension ServiceTraffic {
    fileprivate var isUsed: Bool { connections > 0 || overLimit > 0 }
}
