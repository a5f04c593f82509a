import KubeAPI
import NetTypes

/// A moment on two clocks: one to show, one to measure with, which no correction of the time moves.
public struct HealthMoment: Sendable, Hashable {
    /// Nanoseconds since 1970.
    public var wall: Int64
    /// Nanoseconds since some start.
    public var steady: Int64

    public init(wall: Int64, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }
}

/// Whether the proxy keeps up, and whether its node may get traffic. Pure.
public struct HealthState: Sendable {
    private struct Family {
        /// When all that was known had been programmed; nil before the first time.
        var lastUpdated: HealthMoment?
        /// Since when the oldest update waits.
        var waitingSince: HealthMoment?
    }

    private var families: [IPFamily: Family] = [:]
    private var node: Node?
    /// Without a Node the node is not eligible; before the first is seen only if one must be there.
    private var needsNode: Bool
    /// An update that waits this long, in nanoseconds, makes the proxy unhealthy.
    private var timeout: Int64

    /// The cluster autoscaler sets it before it removes a node.
    static let deletionTaint = "ToBeDeletedByClusterAutoscaler"

    /// `needsNode`: false where input may have no Node at all.
    public init(syncPeriod: GoDuration, needsNode: Bool) {
        timeout = Self.timeout(syncPeriod)
        self.needsNode = needsNode
    }

    private static func timeout(_ period: GoDuration) -> Int64 {
        let (timeout, overflow) = period.nanoseconds.multipliedReportingOverflow(by: 2)
        return overflow ? .max : timeout
    }

    public mutating func setSyncPeriod(_ period: GoDuration) { timeout = Self.timeout(period) }

    /// Something came in that the family's rules do not show yet.
    public mutating func queued(_ family: IPFamily, at now: HealthMoment) {
        if families[family]?.waitingSince == nil { families[family, default: Family()].waitingSince = now }
    }

    /// The family's rules show everything.
    public mutating func updated(_ family: IPFamily, at now: HealthMoment) {
        families[family] = Family(lastUpdated: now)
    }

    /// nil: the Node is not known, or gone.
    public mutating func setNode(_ new: Node?) {
        if new != nil { needsNode = true }
        node = new
    }

    var isNodeEligible: Bool {
        guard let node else { return !needsNode }
        return node.metadata.deletionTimestamp == nil && !node.taintKeys.contains(Self.deletionTaint)
    }

    private func isHealthy(_ family: Family, at now: HealthMoment) -> Bool {
        family.waitingSince.map { now.steady - $0.steady < timeout } ?? true
    }

    /// Whether every family keeps up.
    public func isHealthy(at now: HealthMoment) -> Bool { families.values.allSatisfy { isHealthy($0, at: now) } }

    /// Every family's rules have shown everything once.
    var hasSynced: Bool { !families.isEmpty && families.values.allSatisfy { $0.lastUpdated != nil } }

    /// The answer of /healthz, or of /livez, which knows nothing of the node.
    func report(at now: HealthMoment, withNode: Bool) -> HealthReport {
        let isUpToDate = isHealthy(at: now)
        let isGood = isUpToDate && (!withNode || isNodeEligible)
        // As kube-proxy has it: while all is well, the last update is now.
        let last = isGood ? now.wall : families.values.compactMap { $0.lastUpdated?.wall }.max()
        var body = JSONObject()
        body["lastUpdated"] = Self.time(last)
        body["currentTime"] = Self.time(now.wall)
        if withNode { body["nodeEligible"] = .bool(isNodeEligible) }
        body["healthy"] = .bool(isUpToDate)
        if !families.isEmpty { body["status"] = status(at: now) }
        return HealthReport(isGood: isGood, body: .object(body))
    }

    private func status(at now: HealthMoment) -> JSONValue {
        let members = families.sorted { $0.key < $1.key }.map { key, family in
            JSONObject.Member(
                key.label,
                ["lastUpdated": Self.time(family.lastUpdated?.wall), "healthy": .bool(isHealthy(family, at: now))])
        }
        return .object(JSONObject(members))
    }

    /// Go's zero time stands for never.
    private static func time(_ nanoseconds: Int64?) -> JSONValue {
        .string(nanoseconds.map { RFC3339.text(nanoseconds: $0) } ?? "0001-01-01T00:00:00Z")
    }
}

struct HealthReport: Sendable, Equatable {
    /// 200 or 503.
    let isGood: Bool
    let body: JSONValue
}
