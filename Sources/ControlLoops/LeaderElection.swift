/// Who leads, decided on a Lease as client-go does.
///
///     following ──lease free or expired, write succeeds──▶ leading ──write succeeds──▶ leading
///         ▲                                                   │ no success for renewDeadline
///         └────────────────── lost (for good) ◀───────────────┘
///
/// A lease has expired when *this* process has seen it unchanged for its duration: clocks of different machines are
/// never compared, only their rates matter. The leader gives up after `renewDeadline`, before others may take over
/// after `leaseDuration`. Pure: the shell reads and writes the Lease and reports what came of it.
public struct LeaderElection<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    public struct Policy: Sendable {
        public var leaseDuration: Duration
        public var renewDeadline: Duration
        public var retryPeriod: Duration

        public init(
            leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
            retryPeriod: Duration = .seconds(2)
        ) {
            self.leaseDuration = leaseDuration
            self.renewDeadline = renewDeadline
            self.retryPeriod = retryPeriod
        }

        /// What is wrong with it; nil when it is sound.
        public var refusal: String? {
            if leaseDuration <= renewDeadline { return "the lease duration must be longer than the renew deadline" }
            if renewDeadline <= retryPeriod * 1.2 {
                return "the renew deadline must be longer than 1.2 times the retry period"
            }
            return leaseDuration >= .seconds(1) && retryPeriod > .zero
                ? nil : "the lease duration must be a second or more, the retry period more than nothing"
        }
    }

    public enum Step: Sendable, Equatable {
        case read
        /// There is no Lease yet.
        case create(LeaseRecord)
        /// Replace what was read; the read resource version goes with it.
        case update(LeaseRecord)
        case wait(Duration)
        /// This process led and does not any more; it must stop at once.
        case lost
    }

    private let policy: Policy
    private let identity: String
    private var observed: LeaseRecord?
    private var observedAt: Instant?
    private var lastRenewal: Instant?
    public private(set) var isLeading = false

    public init(identity: String, policy: Policy = Policy()) {
        self.identity = identity
        self.policy = policy
    }

    /// Who leads as far as is known; empty when nobody.
    public var leader: String { observed?.holder ?? "" }

    /// The Lease was read; `record` is nil when there is none. `wallClock` is in nanoseconds since 1970, `random` in
    /// 0..<1, here and below.
    public mutating func read(
        _ record: LeaseRecord?, now: Instant, wallClock: Int64, random: Double
    ) -> Step {
        guard let record else { return .create(claim(nil, wallClock)) }
        if record != observed {
            observed = record
            observedAt = now
        }
        if record.holder != identity, !record.holder.isEmpty, !hasExpired(record, now) {
            if isLeading {
                isLeading = false
                return .lost
            }
            return wait(random)
        }
        return .update(claim(record, wallClock))
    }

    /// What `create` or `update` asked for is written.
    public mutating func wrote(_ record: LeaseRecord, now: Instant, random: Double) -> Step {
        observed = record
        observedAt = now
        lastRenewal = now
        isLeading = true
        return wait(random)
    }

    /// A read or write failed: no answer, a conflict, or a Lease that another made in between.
    public mutating func failed(now: Instant, random: Double) -> Step {
        if hasMissedDeadline(now) {
            isLeading = false
            return .lost
        }
        return wait(random)
    }

    /// How long a request may take that is made now: a leader must have given up by its deadline even while the server
    /// says nothing.
    public func requestLimit(now: Instant) -> Duration {
        guard isLeading, let lastRenewal else { return policy.renewDeadline }
        return max(.milliseconds(1), policy.renewDeadline - lastRenewal.duration(to: now))
    }

    /// What to write when a leader ends in good order, so that the next one need not wait; nil when it does not lead.
    public mutating func release(wallClock: Int64) -> LeaseRecord? {
        guard isLeading, let observed else { return nil }
        isLeading = false
        return LeaseRecord(
            durationSeconds: 1, acquired: wallClock, renewed: wallClock, transitions: observed.transitions)
    }

    private func hasMissedDeadline(_ now: Instant) -> Bool {
        guard isLeading, let lastRenewal else { return false }
        return lastRenewal.duration(to: now) >= policy.renewDeadline
    }

    private func hasExpired(_ record: LeaseRecord, _ now: Instant) -> Bool {
        guard let observedAt else { return false }
        return observedAt.duration(to: now) >= .seconds(min(max(record.durationSeconds, 0), 86_400))
    }

    private func claim(_ old: LeaseRecord?, _ wallClock: Int64) -> LeaseRecord {
        let isOurs = old?.holder == identity
        let transitions = old.map { isOurs ? $0.transitions : $0.transitions &+ 1 } ?? 0
        return LeaseRecord(
            holder: identity, durationSeconds: policy.leaseDuration.components.seconds,
            acquired: isOurs ? old?.acquired ?? wallClock : wallClock, renewed: wallClock, transitions: transitions)
    }

    /// Followers spread out, so that they do not all write at the same moment.
    private func wait(_ random: Double) -> Step {
        .wait(isLeading ? policy.retryPeriod : policy.retryPeriod * (1 + random * 1.2))
    }
}
