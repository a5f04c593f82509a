import Glibc
import NetTypes
import Synchronization

/// Counters of a service port since its start. Any thread.
final class ServiceCounters: Sendable {
    let connections = Atomic<UInt64>(0)
    let open = Atomic<Int>(0)
    let retries = Atomic<UInt64>(0)
    let failures = Atomic<UInt64>(0)
    /// Connections above the Service's limit.
    let overLimit = Atomic<UInt64>(0)
    let bytesToEndpoints = Atomic<UInt64>(0)
    let bytesToClients = Atomic<UInt64>(0)
    private let times = Mutex(Times())

    private struct Times {
        var connects = LatencyHistogram(bounds: ServiceCounters.connectBounds)
        var durations = LatencyHistogram(bounds: ServiceCounters.durationBounds)
    }

    private static let connectBounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]
    private static let durationBounds = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 86400.0]

    /// Counts a connection as open; false, and nothing counted as open, when that is more than `limit`.
    func admit(_ limit: UInt32?) -> Bool {
        let before = open.wrappingAdd(1, ordering: .relaxed).oldValue
        guard let limit, before >= Int(limit) else { return true }
        open.subtract(1, ordering: .relaxed)
        overLimit.add(1, ordering: .relaxed)
        return false
    }

    func connected(after nanoseconds: UInt64) { times.withLock { $0.connects.observe(nanoseconds) } }
    func ended(after nanoseconds: UInt64) { times.withLock { $0.durations.observe(nanoseconds) } }

    var histograms: (connects: LatencyHistogram, durations: LatencyHistogram) {
        times.withLock { ($0.connects, $0.durations) }
    }
}

/// Times by size, in seconds.
public struct LatencyHistogram: Sendable, Hashable {
    /// Upper bounds, ascending, without the infinite one.
    public let bounds: [Double]
    /// One more than `bounds`; not accumulated. Empty while nothing was observed.
    public private(set) var counts: [UInt64] = []
    public private(set) var sum = 0.0

    init(bounds: [Double]) { self.bounds = bounds }

    public var count: UInt64 { counts.reduce(0, +) }

    mutating func observe(_ nanoseconds: UInt64) {
        let seconds = Double(nanoseconds) / 1e9
        if counts.isEmpty { counts = Array(repeating: 0, count: bounds.count + 1) }
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }
}

/// Counters of the whole proxy, shared by its loops.
final class ProxyTotals: Sendable {
    /// TCP connections, also those whose Service is gone.
    let open = Atomic<Int>(0)
    /// Times that a socket could not be had: descriptors or ports were used up.
    let shortages = Atomic<UInt64>(0)
    /// Connections and UDP sessions whose clients' packets come as they were sent.
    private let transparent4 = Atomic<Int>(0)
    private let transparent6 = Atomic<Int>(0)
    private let lastTold = Atomic<Int>(.min)
    let tell: @Sendable (String) -> Void

    init(tell: @escaping @Sendable (String) -> Void = { _ in }) { self.tell = tell }

    func countTransparent(_ family: IPFamily, _ change: Int) {
        switch family {
        case .ipv4: transparent4.add(change, ordering: .relaxed)
        case .ipv6: transparent6.add(change, ordering: .relaxed)
        }
    }

    /// How many are open.
    func transparent(_ family: IPFamily) -> Int {
        family == .ipv4 ? transparent4.load(ordering: .relaxed) : transparent6.load(ordering: .relaxed)
    }

    /// A socket could not be had because of `code`. Says so once a minute at most. `now` in seconds.
    func lacks(_ code: CInt, now: Int) {
        shortages.add(1, ordering: .relaxed)
        let last = lastTold.load(ordering: .relaxed)
        guard last == .min || now - last >= 60,
            lastTold.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
        else { return }
        tell(
            "new connections wait or are reset: \(String(cString: strerror(code))); raise the daemon's limit of "
                + "descriptors (LimitNOFILE, ulimit -n) or the range of local ports")
    }
}
