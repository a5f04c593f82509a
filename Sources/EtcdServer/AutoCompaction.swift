import Logging
import Store
import StoreCore

/// Forgets old revisions by itself, as etcd's `--auto-compaction-mode` and `--auto-compaction-retention` say.
public enum AutoCompaction: Sendable, Hashable {
    /// Keeps what is younger.
    case periodic(Duration)
    /// Keeps so many revisions.
    case revision(Int64)

    /// How often it looks: etcd's five minutes, or a tenth of a shorter period.
    var interval: Duration {
        switch self {
        case .revision: .seconds(300)
        case .periodic(let period): max(.milliseconds(100), min(.seconds(300), period / 10))
        }
    }

    func run(_ store: EmbeddedStore, _ logger: Logger) async throws {
        var history = RevisionHistory()
        while true {
            try await Task.sleep(for: interval)
            let (latest, compacted) = store.revisions
            let wanted: Revision? =
                switch self {
                case .revision(let kept): latest - kept
                case .periodic(let period): history.revision(period, before: .now, latest: latest)
                }
            guard let wanted, wanted > compacted else { continue }
            do {
                try await store.compact(wanted)
                logger.info("compacted revisions before \(wanted)")
            } catch {
                logger.warning("cannot compact: \(error)")
            }
        }
    }
}

/// Which revision was the latest when.
struct RevisionHistory {
    private var samples: [(time: ContinuousClock.Instant, revision: Revision)] = []

    /// Notes the latest revision; returns what was the latest a period ago, if anybody looked then.
    mutating func revision(_ period: Duration, before now: ContinuousClock.Instant, latest: Revision) -> Revision? {
        samples.append((now, latest))
        guard let index = samples.lastIndex(where: { $0.time <= now - period }) else { return nil }
        samples.removeFirst(index)
        return samples[0].revision
    }
}
