import DNSCore
import Telemetry

/// What is counted, under the names that CoreDNS has for it where it counts the same.
public final class DNSMetrics: Sendable {
    /// By transport, then by position of the type or code in `DNSTally`.
    private let requests: [[Counter]]
    private let responses: [[Counter]]
    private let hits: (success: Counter, denial: Counter)
    private let misses: Counter
    let forwarded: MetricFamily<Counter>
    let refusals: Counter
    let cacheEntries: Gauge
    let connections: Gauge
    let services: Gauge
    let programming: Histogram

    public init(_ registry: MetricsRegistry) {
        let queries = registry.counters(
            "coredns_dns_requests_total", "Queries by transport and type.", labels: ["proto", "type"])
        requests = Resolver.Transport.allCases.map { transport in
            DNSTally.types.map { queries["\(transport)", $0.description] }
        }
        let answers = registry.counters(
            "coredns_dns_responses_total", "Answers by transport and code.", labels: ["proto", "rcode"])
        responses = Resolver.Transport.allCases.map { transport in
            DNSTally.codes.map { answers["\(transport)", $0.description] }
        }
        let found = registry.counters(
            "coredns_cache_hits_total", "Forwarded questions that were answered from the cache.", labels: ["type"])
        hits = (found["success"], found["denial"])
        misses = registry.counter("coredns_cache_misses_total", "Forwarded questions that the cache did not know.")
        forwarded = registry.counters(
            "coredns_forward_requests_total", "Questions sent to other servers.", labels: ["to", "proto"])
        refusals = registry.counter(
            "coredns_forward_max_concurrent_rejects_total",
            "Questions not forwarded because there were too many at once.")
        cacheEntries = registry.gauge("coredns_cache_entries", "Answers in the cache.")
        connections = registry.gauge("apus_dns_tcp_connections", "Open TCP connections.")
        services = registry.gauge("apus_dns_services", "Services in the zone.")
        programming = registry.histogram(
            "coredns_kubernetes_dns_programming_duration_seconds",
            "From a change of a Service or pod to the answers that have it, by its EndpointSlice; seconds.",
            buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30])
    }

    func looked(_ hit: UpstreamAnswer?) {
        switch hit {
        case nil: misses.increment()
        case let answer?: (answer.isDenial ? hits.denial : hits.success).increment()
        }
    }

    /// Adds what one thread counted.
    func add(_ tally: DNSTally) {
        let transport = tally.transport.rawValue
        for (index, count) in tally.questions.enumerated() where count > 0 {
            requests[transport][index].increment(by: count)
        }
        for (index, count) in tally.answers.enumerated() where count > 0 {
            responses[transport][index].increment(by: count)
        }
    }
}

/// Counts of one thread for a short while: the shared ones are touched once for many messages.
struct DNSTally {
    /// What is counted by itself; the last stands for all others.
    static let types: [RecordType] = [
        .a, .aaaa, .srv, .ptr, .cname, .txt, .ns, .soa, .mx, .https, .any, RecordType(rawValue: 0),
    ]
    static let codes: [ResponseCode] = [
        .noError, .nameError, .serverFailure, .refused, .formatError, .notImplemented,
        ResponseCode(rawValue: .max),
    ]

    let transport: Resolver.Transport
    fileprivate private(set) var questions = Array(repeating: UInt64(0), count: types.count)
    fileprivate private(set) var answers = Array(repeating: UInt64(0), count: codes.count)

    init(_ transport: Resolver.Transport) { self.transport = transport }

    /// A question that was answered with `reply`; of what could not be read no type is known.
    mutating func count(_ type: RecordType?, _ reply: [UInt8]) {
        questions[Self.types.firstIndex { $0 == type } ?? Self.types.count - 1] += 1
        guard reply.count > 3 else { return }
        let code = ResponseCode(rawValue: UInt16(reply[3] & 0xf))
        answers[Self.codes.firstIndex(of: code) ?? Self.codes.count - 1] += 1
    }

    mutating func clear() { self = DNSTally(transport) }
}
