import NetTypes
import ProxyCore

/// Holds one backend, and knows whether it can be built on or must synchronise first.
final class FamilyBackend<Backend: ProxyBackend & ~Copyable>: FamilyProgram {
    private var backend: Backend
    private var isSynchronised = false
    private var isIntact = true
    private var failures = 0
    private(set) var tendingDue: ContinuousClock.Instant?
    private var retryAt: ContinuousClock.Instant?

    init(_ backend: consuming Backend) { self.backend = backend }

    var family: IPFamily { backend.family }
    var notifications: CInt? { backend.notifications }
    var due: ContinuousClock.Instant? { isSynchronised ? nil : retryAt }

    /// 0.1 s, doubling to 30 s.
    var retryDelay: Duration { .milliseconds(min(30_000, 50 << min(failures, 10))) }

    func isDisturbed() -> Bool {
        // What cannot be asked is compared.
        if ((try? backend.isIntact()) ?? false) == false { isIntact = false }
        return isSynchronised && !isIntact
    }

    func tend() {
        guard let tendingDue, tendingDue <= .now else { return }
        do {
            self.tendingDue = try backend.tend().map { .now + $0 }
        } catch {
            self.tendingDue = .now + .seconds(5)
        }
    }

    func program(_ delta: ProxyDelta, _ state: ProxyState) throws -> Outcome? {
        let outcome = try changeOrSynchronise(delta, state)
        if outcome != nil { tendingDue = .now }
        return outcome
    }

    private func changeOrSynchronise(_ delta: ProxyDelta, _ state: ProxyState) throws -> Outcome? {
        var hasFailed = false
        if isSynchronised {
            do {
                if let outcome = try change(delta, state) { return outcome }
                if isSynchronised { return nil }
            } catch {
                // Nothing was changed; the comparison finds out what the kernel really holds.
                isSynchronised = false
                hasFailed = true
            }
        }
        if let retryAt, retryAt > .now { return nil }
        var outcome = try synchronise(state)
        outcome.followsFailure = hasFailed
        return outcome
    }

    /// What costs as much as the change; nil when there is none, or when everything must be compared.
    private func change(_ delta: ProxyDelta, _ state: ProxyState) throws -> Outcome? {
        var report: SyncReport?
        if !delta.changesNoRules { report = try backend.apply(delta) }
        if !isIntact {
            guard let repair = try backend.repair(state) else {
                isSynchronised = false
                return nil
            }
            isIntact = true
            report = repair.added(to: report)
        }
        return report.map { Outcome(report: $0, isFull: false) }
    }

    private func synchronise(_ state: ProxyState) throws -> Outcome {
        do {
            isIntact = true
            let report = try backend.synchronise(state.servicePorts, node: state.node)
            isSynchronised = true
            failures = 0
            retryAt = nil
            return Outcome(report: report, isFull: true)
        } catch {
            failures += 1
            retryAt = .now + retryDelay
            throw error
        }
    }

    var carriesFlows: Bool { backend.carriesFlows }
    func answers(_ flow: TrackedFlow) -> Bool { backend.answers(flow) }
    var isProgrammed: Bool { isSynchronised }

    func verify(_ state: ProxyState) throws {
        let report = try backend.synchronise(state.servicePorts, node: state.node)
        guard report.operations == 0 else { throw NotAsDesired(operations: report.operations) }
    }

    func missingFeatures() throws -> [String] { try backend.missingFeatures() }

    func cleanup() throws {
        isSynchronised = false
        tendingDue = .now
        try backend.cleanup()
    }

    func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        try backend.audit(port, source: source, node: node)
    }
}

extension SyncReport {
    fileprivate func added(to other: SyncReport?) -> SyncReport {
        guard let other else { return self }
        return SyncReport(
            operations: operations + other.operations, cleanupFailure: cleanupFailure ?? other.cleanupFailure,
            rules: rules.merging(other.rules) { repair, change in
                RuleCount(total: repair.total, written: repair.written + change.written)
            })
    }
}
