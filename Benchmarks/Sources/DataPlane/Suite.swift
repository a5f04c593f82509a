import Bench
import Glibc

/// Runs scenarios in processes of their own and makes figures of what they measured.
struct Suite {
    enum Part: String, CaseIterable {
        case firstSync = "first-sync"
        case endpointChange = "endpoint-change"
        case changeRate = "change-rate"
        case throughput
        case memory
        case iptables
        case userspace
    }

    struct Plan: Sendable {
        var isQuick: Bool
        /// Services of the small, middle and large cluster.
        var sizes: [Int]
        var syncRepeats: Int
        /// In each of `changePasses` processes per size.
        var changes: Int
        var changePasses: Int
        var rateSeconds: Int
        var throughputRounds: Int
        var userspaceRounds: Int

        static let full = Plan(
            isQuick: false, sizes: [100, 10_000, 100_000], syncRepeats: 5, changes: 3000, changePasses: 3,
            rateSeconds: 30,
            throughputRounds: 40, userspaceRounds: 6)
        static let quick = Plan(
            isQuick: true, sizes: [100, 1000, 10_000], syncRepeats: 2, changes: 900, changePasses: 1, rateSeconds: 3,
            throughputRounds: 4, userspaceRounds: 1
        )
    }

    let plan: Plan
    let only: Set<Part>
    private var figures: [Figure] = []

    init(plan: Plan, only: Set<Part>) {
        self.plan = plan
        self.only = only
    }

    mutating func run() throws -> [Figure] {
        if only.contains(.firstSync) { try runFirstSync() }
        if only.contains(.endpointChange) { try runEndpointChange() }
        if only.contains(.changeRate) { try runChangeRate() }
        if only.contains(.throughput) { try runThroughput() }
        if only.contains(.memory) { try runMemory() }
        if only.contains(.iptables) { try runIPTables() }
        if only.contains(.userspace) { try runUserspace() }
        return figures
    }

    private mutating func add(
        _ group: Figure.Group, _ name: String, _ unit: Figure.Unit, _ values: [Double], at percentile: Double = 50,
        _ target: Figure.Target? = nil, services: Int
    ) {
        guard let statistics = Statistics(values) else { return }
        figures.append(
            Figure(
                group: group, name: name, services: services, unit: unit, statistics: statistics,
                percentile: percentile, target: plan.isQuick ? nil : target))
    }

    private func measure(_ scenario: Scenario, services: Int, repeats: Int = 1) throws -> Samples {
        Progress.show("\(scenario.rawValue), \(services) Services")
        return try scenario.runInChild(Scenario.Size(services: services, repeats: repeats))
    }

    // MARK: Parts

    private mutating func runFirstSync() throws {
        for (services, limit) in zip(plan.sizes.dropFirst(), [1.0, 10.0]) {
            var samples = Samples()
            for _ in 0..<(services > 10_000 ? 3 : plan.syncRepeats) {
                samples.merge(try measure(.firstSync, services: services))
            }
            add(.firstSync, "first sync", .seconds, samples["sync"], .atMost(limit), services: services)
            add(.firstSync, "processor time of it", .seconds, samples["cpu"], services: services)
            add(.firstSync, "reading it back: nothing to do", .seconds, samples["resync"], services: services)
            add(
                .firstSync, "an element and a chain that others removed are back", .milliseconds, samples["repair"],
                at: 100, .atMost(1000), services: services)
            let isMiddle = services == plan.sizes[1]
            add(.memory, "state and backend alone, RSS", .mebibytes, samples["rss"], services: services)
            add(.memory, "state and backend alone, peak RSS", .mebibytes, samples["rss-peak"], services: services)
            if isMiddle { try compare(samples["sync"], services: services) }
        }
    }

    private mutating func compare(_ sync: [Double], services: Int) throws {
        let upstream = try measure(.upstreamLoad, services: services)
        let isBound = upstream["timed-out"].contains(1)
        add(
            .firstSync, "`nft -f`, chains per Service\(isBound ? " (stopped; at least)" : "")", .seconds,
            upstream["seconds"], services: services)
        guard let mine = Statistics(sync) else { return }
        add(
            .firstSync, "times faster than `nft -f`\(isBound ? " (at least)" : "")", .ratio,
            upstream["seconds"].map { $0 / mine.median }, .atLeast(30), services: services)
    }

    private mutating func runEndpointChange() throws {
        // Sizes take turns, so that what else the machine does meets all of them.
        var bySize = plan.sizes.map { _ in Samples() }
        for _ in 0..<plan.changePasses {
            for (index, services) in plan.sizes.enumerated() {
                bySize[index].merge(try measure(.endpointChange, services: services, repeats: plan.changes))
            }
        }
        for (services, samples) in zip(plan.sizes, bySize) { addChanges(samples, services: services) }
        let all = bySize.compactMap { Statistics($0["change"]) }
        guard let first = all.first, let last = all.last, let services = plan.sizes.last else { return }
        let small = NumberText.grouped(plan.sizes[0])
        add(
            .change, "p99 against \(small) Services", .ratio, [last.percentile(99) / first.percentile(99)],
            .atMost(1.5), services: services)
        add(.change, "median against \(small) Services", .ratio, [last.median / first.median], services: services)
    }

    private mutating func addChanges(_ samples: Samples, services: Int) {
        let all = samples["change"]
        add(.change, "one endpoint changed, median", .milliseconds, all, services: services)
        add(.change, "one endpoint changed, p99", .milliseconds, all, at: 99, .atMost(5), services: services)
        add(.change, "one endpoint changed, longest", .milliseconds, all, at: 100, services: services)
        for kind in EndpointChanges.Kind.allCases {
            let name = "endpoint \(kind.rawValue), p99"
            add(.kinds, name, .milliseconds, samples[kind.rawValue], at: 99, services: services)
        }
        add(.kinds, "of which ProxyState, p99", .milliseconds, samples["state"], at: 99, services: services)
    }

    private mutating func runChangeRate() throws {
        let services = plan.sizes[1]
        let samples = try measure(.changeRate, services: services, repeats: plan.rateSeconds)
        let name = "1,000 changes a second for \(plan.rateSeconds) s"
        add(.rate, "\(name), done a second", .perSecond, samples["rate"], .atLeast(990), services: services)
        add(.rate, "\(name), median", .milliseconds, samples["latency"], services: services)
        add(.rate, "\(name), p99", .milliseconds, samples["latency"], at: 99, .atMost(20), services: services)
        add(.rate, "\(name), processor", .percent, samples["cpu-percent"], services: services)
    }

    private mutating func runMemory() throws {
        for (services, limit) in [(0, 20 as Double?), (plan.sizes[1], plan.sizes[1] == 10_000 ? 60 : nil)] {
            let samples = try measure(.daemonMemory, services: services)
            let target = limit.map { Figure.Target.atMost($0) }
            add(
                .memory, "`apus proxy`, RSS after the first sync", .mebibytes, samples["rss"], target,
                services: services)
            add(.memory, "of which anonymous", .mebibytes, samples["anonymous"], services: services)
            add(
                .memory, "`apus proxy`, RSS during \(DaemonMemory.rounds) changes and scrapes", .mebibytes,
                samples["rss-working"], services: services)
            add(
                .memory, "`apus proxy`, RSS four seconds after them", .mebibytes, samples["rss-worked"], target,
                services: services)
            add(.memory, "`apus proxy`, peak RSS", .mebibytes, samples["peak"], services: services)
        }
    }

    /// What iptables-legacy needs for a change is the kernel's, which replaces the table: no target.
    private mutating func runIPTables() throws {
        let few = 10
        let services = plan.isQuick ? 1000 : plan.sizes[1]
        for (scenario, changes, changeLimit) in [
            (Scenario.iptablesNft, 200, Figure.Target.atMost(150)), (.iptablesLegacy, 60, nil),
        ] {
            let name = scenario.rawValue
            let repeats = plan.isQuick ? 10 : changes
            let small = try measure(scenario, services: few, repeats: repeats)
            let large = try measure(scenario, services: services, repeats: repeats)
            for (samples, services) in [(small, few), (large, services)] {
                let change = samples["change"]
                add(.iptables, "\(name), first sync", .seconds, samples["sync"], .atMost(20), services: services)
                add(.iptables, "\(name), reading it back", .seconds, samples["resync"], services: services)
                add(
                    .iptables, "\(name), one endpoint changed, median", .milliseconds, change, changeLimit,
                    services: services)
                add(.iptables, "\(name), one endpoint changed, p99", .milliseconds, change, at: 99, services: services)
                add(
                    .iptables, "\(name), a flushed chain is mended", .milliseconds, samples["repair"],
                    .atMost(1000), services: services)
                add(
                    .iptables, "\(name), all of nat flushed is mended", .milliseconds, samples["repair-all"],
                    .atMost(1000), services: services)
                add(.iptables, "\(name), first packet", .microseconds, samples["packet"], services: services)
            }
            guard let first = Statistics(small["packet"]), let last = Statistics(large["packet"]) else { continue }
            add(
                .iptables, "\(name), first packet against \(few) Services", .ratio, [last.median / first.median],
                .atMost(2), services: services)
        }
    }

    private mutating func runUserspace() throws {
        let missing = Balancers.missingPackages
        guard missing.isEmpty else {
            return Progress.say(
                "The userspace mode is not compared: install the Debian packages \(missing.joined(separator: ", ")).")
        }
        let samples = try measure(.userspace, services: 1, repeats: plan.userspaceRounds)
        let kinds: [(Wrk.Kind, String, Figure.Unit, Double)] = [
            (.keepAlive, "requests/s, keep-alive", .perSecond, 1.3),
            (.newConnections, "new connections/s", .perSecond, 1), (.bulk, "bulk", .megabytesPerSecond, 1),
        ]
        for (kind, name, unit, target) in kinds {
            addRivals(kind.rawValue, name, unit, samples)
            add(
                .userspace, "\(name), Apus to HAProxy", .ratio, samples["ratio-\(kind.rawValue)"], .atLeast(target),
                services: 1)
        }
        addRivals("p99", "p99 latency, keep-alive", .milliseconds, samples)
        add(.userspace, "p99 latency, Apus to HAProxy", .ratio, samples["ratio-p99"], .atMost(1), services: 1)
        addRivals("idle", "memory of an idle connection", .kibibytes, samples)
        add(
            .userspace, "memory of an idle connection, Apus to HAProxy", .ratio, samples["ratio-idle"], .atMost(1),
            services: 1)
        addRivals("keep-alive-processor", "processor time of a request", .microseconds, samples)
        addRivals("new-connections-processor", "processor time of a connection", .microseconds, samples)
        addRivals("failures", "failed", .count, samples)
        add(.userspace, "connections held and answered at once", .count, samples["held"], .atLeast(20_000), services: 1)
    }

    /// A row for each proxy that was measured.
    private mutating func addRivals(_ series: String, _ name: String, _ unit: Figure.Unit, _ samples: Samples) {
        for proxy in UserspaceMode.Proxy.allCases {
            add(.userspace, "\(name), \(proxy.title)", unit, samples["\(proxy)-\(series)"], services: 1)
        }
    }

    private mutating func runThroughput() throws {
        for services in [10, plan.sizes[plan.sizes.count - 1]] {
            let samples = try measure(.throughput, services: services, repeats: plan.throughputRounds)
            for mode in Throughput.modes {
                let unit = mode == .keepAlive ? "requests/s, keep-alive" : "new connections/s"
                let direct = samples["direct-\(mode.rawValue)"]
                let balanced = samples["vip-\(mode.rawValue)"]
                add(.throughput, "\(unit), direct", .perSecond, direct, services: services)
                add(.throughput, "\(unit), through the VIP", .perSecond, balanced, services: services)
                add(
                    .throughput, "\(unit), VIP of direct", .ratio, samples["ratio-\(mode.rawValue)"], .atLeast(0.88),
                    services: services)
                let failed = samples["failures-\(mode.rawValue)"].reduce(0, +)
                add(.throughput, "\(unit), failed", .count, [failed], .atMost(0), services: services)
            }
        }
    }
}

/// One line on standard error that says what runs now.
enum Progress {
    private static let started = ContinuousClock.now

    static func show(_ text: String) {
        let seconds = Int((ContinuousClock.now - started).seconds)
        say("[\(seconds) s] \(text)")
    }

    static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
