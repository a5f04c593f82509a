import KubeAPI
import NetTypes
import ProxyCore
import Synchronization

/// Turns what the proxy loop does into metrics and health, and hands health checks to their servers.
public final class MetricsObserver: ProxyObserver {
    private let metrics: ProxyMetrics
    private let health: ProxyHealth
    private let families: [IPFamily]
    private let tableName: String
    private let clock: ProxyHealth.Clock
    private let serveHealthChecks: @Sendable (ServedHealthChecks) -> Void
    private let mode = Mutex(ProxyMode.nftables)

    public init(
        metrics: ProxyMetrics, health: ProxyHealth, tableName: String, families: [IPFamily] = IPFamily.allCases,
        clock: @escaping ProxyHealth.Clock = HealthMoment.now,
        serveHealthChecks: @escaping @Sendable (ServedHealthChecks) -> Void = { _ in }
    ) {
        self.metrics = metrics
        self.health = health
        self.tableName = tableName
        self.families = families
        self.clock = clock
        self.serveHealthChecks = serveHealthChecks
    }

    public func queued(services: Int, endpointSlices: Int) {
        metrics.serviceChanges.increment(by: UInt64(services))
        metrics.endpointChanges.increment(by: UInt64(endpointSlices))
        metrics.serviceChangesPending.add(services)
        metrics.endpointChangesPending.add(endpointSlices)
        let now = seconds(clock().wall)
        for family in families { metrics.lastQueued[family.label].set(now) }
        health.queued(families)
    }

    public func programmed(_ result: Programmed) {
        let family = result.family.label
        metrics.syncDuration[family].observe(result.duration)
        (result.isFull ? metrics.fullSyncDuration : metrics.partialSyncDuration)[family].observe(result.duration)
        if let latency = result.latency { metrics.eventToKernel.observe(latency) }
        let now = clock().wall
        metrics.lastSync[family].set(seconds(now))
        for trigger in result.triggers {
            metrics.networkProgrammingDuration[family].observe(max(0, seconds(now - trigger)))
        }
        switch mode.withLock({ $0 }) {
        case .nftables:
            let kind = result.isFull ? "full" : "partial"
            metrics.nftablesOperations[kind].increment(by: UInt64(max(0, result.report.operations)))
            if result.report.cleanupFailure != nil { metrics.nftablesCleanupFailures[family].increment() }
        case .iptables: programmedIPTables(result, family)
        case .ipvs, .userspace, .auto: break
        }
    }

    private func programmedIPTables(_ result: Programmed, _ family: String) {
        for (table, rules) in result.report.rules {
            metrics.iptables.rules[table, family].set(rules.total)
            metrics.iptables.rulesLastSync[table, family].set(rules.written)
        }
        if result.followsFailure { metrics.iptables.partialRestoreFailures[family].increment() }
    }

    public func failed(_ family: IPFamily, _ error: any Error, retryAfter: Duration) {
        let mode = mode.withLock { $0 }
        metrics.syncFailures[mode.rawValue, family.label].increment()
        switch mode {
        case .nftables: metrics.nftablesSyncFailures[family.label].increment()
        case .iptables: metrics.iptables.restoreFailures[family.label].increment()
        case .ipvs, .userspace, .auto: break
        }
        health.queued([family])
    }

    public func repaired(_ family: IPFamily, operations: Int) {
        let place =
            switch mode.withLock({ $0 }) {
            case .nftables, .auto: tableName
            case .userspace: "kube-proxy-userspace"
            case .iptables: "iptables"
            case .ipvs: "ipvs"
            }
        metrics.foreignChangesRepaired["\(family == .ipv4 ? "ip" : "ip6") \(place)"].increment()
    }

    public func began(_ mode: ProxyMode, choice: String?) { self.mode.withLock { $0 = mode } }

    public func switched(_ change: ModeChange) {
        mode.withLock { $0 = change.to }
        guard change.from == .iptables, change.to != .iptables else { return }
        for family in families {
            for table in ["nat", "filter", "mangle"] {
                metrics.iptables.rules.remove(table, family.label)
                metrics.iptables.rulesLastSync.remove(table, family.label)
            }
        }
    }

    public func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String) {
        metrics.malformedObjects[kind.rawValue].increment()
    }

    public func advise(_ advice: [Advice]) {}

    /// Families that had nothing to do are up to date as well as those that were programmed.
    public func settled(_ node: Node?, _ counts: ProxyCounts, failed: Set<IPFamily>, healthChecks: ServedHealthChecks?)
    {
        health.setNode(node)
        health.updated(families.filter { !failed.contains($0) })
        if failed.isEmpty {
            metrics.serviceChangesPending.set(0)
            metrics.endpointChangesPending.set(0)
        }
        metrics.services.set(counts.services)
        metrics.endpoints.set(counts.endpoints)
        if let healthChecks { serveHealthChecks(healthChecks) }
        for family in families {
            metrics.noLocalEndpoints["internal", family.label].set(counts.noLocalEndpointsInternal)
            metrics.noLocalEndpoints["external", family.label].set(counts.noLocalEndpointsExternal)
        }
    }

    public func deletedFlows(count: Int, duration: Duration) {
        for family in families { metrics.conntrackDuration[family.label].observe(duration) }
        if let family = families.first {
            metrics.conntrackDeletedEntries[family.label].increment(by: UInt64(max(0, count)))
        }
    }

    public func couldNotDeleteFlows(_ error: any Error) {}

    private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
}

/// Tells several observers the same, in order.
public struct ObserverGroup: ProxyObserver {
    private let members: [any ProxyObserver]

    public init(_ members: [any ProxyObserver]) { self.members = members }

    public func queued(services: Int, endpointSlices: Int) {
        for member in members { member.queued(services: services, endpointSlices: endpointSlices) }
    }

    public func programmed(_ result: Programmed) {
        for member in members { member.programmed(result) }
    }

    public func failed(_ family: IPFamily, _ error: any Error, retryAfter: Duration) {
        for member in members { member.failed(family, error, retryAfter: retryAfter) }
    }

    public func repaired(_ family: IPFamily, operations: Int) {
        for member in members { member.repaired(family, operations: operations) }
    }

    public func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String) {
        for member in members { member.malformed(kind, name, reason: reason) }
    }

    public func advise(_ advice: [Advice]) {
        for member in members { member.advise(advice) }
    }

    public func settled(_ node: Node?, _ counts: ProxyCounts, failed: Set<IPFamily>, healthChecks: ServedHealthChecks?)
    {
        for member in members { member.settled(node, counts, failed: failed, healthChecks: healthChecks) }
    }

    public func deletedFlows(count: Int, duration: Duration) {
        for member in members { member.deletedFlows(count: count, duration: duration) }
    }

    public func couldNotDeleteFlows(_ error: any Error) {
        for member in members { member.couldNotDeleteFlows(error) }
    }

    public func began(_ mode: ProxyMode, choice: String?) {
        for member in members { member.began(mode, choice: choice) }
    }

    public func switched(_ change: ModeChange) { for member in members { member.switched(change) } }

    public func failedToSwitch(to mode: ProxyMode, _ error: any Error) {
        for member in members { member.failedToSwitch(to: mode, error) }
    }

    public func couldNotCleanUp(_ reason: String) { for member in members { member.couldNotCleanUp(reason) } }
}
