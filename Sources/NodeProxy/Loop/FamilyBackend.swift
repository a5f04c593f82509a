import NetTypes
import ProxyCore
import ProxyNftables

/// One family's backend, and whether it can be built on or must synchronise first.
final class FamilyBackend {
    let family: IPFamily
    private var backend: NftablesBackend
    private var isSynchronised = false
    private var failures = 0
    private var retryAt: ContinuousClock.Instant?

    init(_ family: IPFamily, tableName: String) throws {
        self.family = family
        backend = try NftablesBackend(family: family, tableName: tableName)
    }

    var portID: UInt32 { backend.portID }

    /// When a failed synchronisation is due again; nil when all is well.
    var due: ContinuousClock.Instant? { isSynchronised ? nil : retryAt }

    /// The next programming compares everything.
    func invalidate() { isSynchronised = false }

    struct Outcome {
        let report: SyncReport
        let isFull: Bool
    }

    /// Applies the delta, or everything where that is needed and due. nil when there was nothing to do.
    func program(_ delta: ProxyDelta, _ state: ProxyState) throws -> Outcome? {
        if isSynchronised {
            guard !delta.changesNoRules else { return nil }
            do {
                return Outcome(report: try backend.apply(delta), isFull: false)
            } catch {
                // Nothing was changed; the comparison finds out what the kernel really holds.
                isSynchronised = false
            }
        }
        if let retryAt, retryAt > .now { return nil }
        do {
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

    /// 0.1 s, doubling to 30 s.
    var retryDelay: Duration { .milliseconds(min(30_000, 50 << min(failures, 10))) }

    func cleanup() throws { try backend.cleanup() }

    func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        try backend.audit(port, source: source, node: node)
    }
}
