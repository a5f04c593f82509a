import ControlLoops
import KubeAPI

/// The pods that wait for a node. Time comes in as nanoseconds of any clock that does not go back.
///
///     add ──▶ active ──pop──▶ in flight ──▶ bound: forgotten
///               ▲                │
///               │ expired        ├─ failed(plugins) ──▶ unschedulable ──event that helps, or 5 min──▶ backoff or active
///             backoff ◀──────────┴─ retry: an error
///
/// Active pods are ordered by priority, then by when they were first added. Backoff is 1 s, doubled with each attempt up
/// to 10 s, so that pods that cannot be placed leave room for others whatever their priority. Pods with scheduling gates
/// stay outside until they have none.
public struct SchedulingQueue: Sendable {
    public struct Policy: Sendable {
        public var initialBackoff: Int64 = 1_000_000_000
        public var maximumBackoff: Int64 = 10_000_000_000
        /// After this long in the unschedulable pool a pod is tried again without any event.
        public var patience: Int64 = 300_000_000_000

        public init() {}
    }

    private enum Place: Sendable {
        case active
        case backoff(until: Int64)
        case unschedulable(since: Int64, plugins: Set<PluginName>)
        case gated
        case inFlight

        var counter: WritableKeyPath<Counts, Int> {
            switch self {
            case .active: \.active
            case .backoff: \.backoff
            case .unschedulable: \.unschedulable
            case .gated: \.gated
            case .inFlight: \.inFlight
            }
        }
    }

    private struct Entry: Sendable {
        var pod: Pod
        var place: Place
        let added: Int64
        var attempts = 0
        /// When the last attempt failed.
        var failed: Int64 = 0
        /// Tells apart what the heaps hold of earlier stays.
        var ticket: Int
    }

    private struct ActiveRank: Comparable, Sendable {
        let priority: Int64
        let added: Int64
        let ticket: Int

        static func < (a: Self, b: Self) -> Bool {
            if a.priority != b.priority { return a.priority > b.priority }
            return a.added != b.added ? a.added < b.added : a.ticket < b.ticket
        }
    }

    private struct Deadline: Comparable, Sendable {
        let time: Int64
        let ticket: Int

        static func < (a: Self, b: Self) -> Bool { a.time != b.time ? a.time < b.time : a.ticket < b.ticket }
    }

    private struct Ranked<Rank: Comparable & Sendable>: Sendable {
        let rank: Rank
        let key: NamespacedName

        init(_ rank: Rank, _ key: NamespacedName) {
            self.rank = rank
            self.key = key
        }
    }

    private let policy: Policy
    private var entries: [NamespacedName: Entry] = [:]
    private var active = PriorityHeap<Ranked<ActiveRank>> { $0.rank < $1.rank }
    private var backoff = PriorityHeap<Ranked<Deadline>> { $0.rank < $1.rank }
    private var stuck = PriorityHeap<Ranked<Deadline>> { $0.rank < $1.rank }
    /// Unschedulable pods by the plugins that refused them, so that an event reaches only those that it may help.
    private var waiting: [PluginName: Set<NamespacedName>] = [:]
    private var nextTicket = 0

    public init(policy: Policy = Policy()) { self.policy = policy }

    // MARK: - Pods come and go

    /// A pod without node is new or changed.
    public mutating func set(_ pod: Pod, now: Int64) {
        guard var entry = entries[pod.key], entry.pod.uid == pod.uid else {
            remove(pod.key)
            let entry = Entry(pod: pod, place: .gated, added: now, ticket: 0)
            put(entry, pod.key)
            if pod.gates.isEmpty { activate(pod.key) }
            return
        }
        let old = entry.pod
        entry.pod = pod
        entries[pod.key] = entry
        switch entry.place {
        case .gated where pod.gates.isEmpty: activate(pod.key)
        case .active where old.priority != pod.priority: activate(pod.key)
        case .unschedulable where old.differsForScheduling(from: pod): release(pod.key, now: now)
        default: break
        }
    }

    /// The pod is gone or has a node.
    public mutating func remove(_ key: NamespacedName) {
        leave(key)
        put(nil, key)
    }

    // MARK: - Attempts

    /// The pod to try next, with how often it was tried before and when it came. It is in flight until `failed`, `retry` or `remove`.
    public mutating func pop(now: Int64) -> (pod: Pod, attempts: Int, added: Int64)? {
        expire(now: now)
        while let next = active.popFirst() {
            guard var entry = entries[next.key], case .active = entry.place, entry.ticket == next.rank.ticket else {
                continue
            }
            entry.place = .inFlight
            entry.attempts += 1
            put(entry, next.key)
            return (entry.pod, entry.attempts - 1, entry.added)
        }
        return nil
    }

    /// No node will do; `plugins` refused. An event that may change one's mind brings the pod back.
    public mutating func failed(_ key: NamespacedName, plugins: Set<PluginName>, now: Int64) {
        // Without any nodes nobody refused, and everything may help.
        let plugins = plugins.isEmpty ? Set(FilterSet.plugins.map { $0.name }) : plugins
        guard var entry = entries[key], case .inFlight = entry.place else { return }
        entry.failed = now
        entry.ticket = takeTicket()
        entry.place = .unschedulable(since: now, plugins: plugins)
        put(entry, key)
        stuck.insert(Ranked(Deadline(time: now.addingClamped(policy.patience), ticket: entry.ticket), key))
        for plugin in plugins { waiting[plugin, default: []].insert(key) }
    }

    /// The attempt met an error that another one may not meet.
    public mutating func retry(_ key: NamespacedName, now: Int64) {
        guard let entry = entries[key], case .inFlight = entry.place else { return }
        entries[key]?.failed = now
        startBackoff(key, until: now.addingClamped(pause(after: entry.attempts)))
    }

    // MARK: - Events

    /// Brings back the pods that the event may help.
    public mutating func react(to event: ClusterEvent, now: Int64) {
        guard !waiting.isEmpty else { return }
        var helped: Set<NamespacedName> = []
        for plugin in FilterSet.plugins {
            for key in waiting[plugin.name] ?? [] where !helped.contains(key) {
                if let pod = entries[key]?.pod, plugin.isHelped(pod, by: event) { helped.insert(key) }
            }
        }
        for key in helped.sorted() { release(key, now: now) }
    }

    /// Brings a pod back that nobody found a node for, whatever happened.
    public mutating func reconsider(_ key: NamespacedName, now: Int64) {
        if case .unschedulable = entries[key]?.place { release(key, now: now) }
    }

    /// When something becomes due by itself; nil when nothing will.
    public func nextDeadline() -> Int64? {
        [backoff.first?.rank.time, stuck.first?.rank.time].compactMap(\.self).min()
    }

    // MARK: - Counts

    public struct Counts: Sendable, Equatable {
        public var active = 0
        public var backoff = 0
        public var unschedulable = 0
        public var gated = 0
        public var inFlight = 0
    }

    public private(set) var counts = Counts()

    /// Every change of an entry goes through here.
    private mutating func put(_ entry: Entry?, _ key: NamespacedName) {
        if let old = entries.removeValue(forKey: key) { counts.change(old.place.counter, by: -1) }
        guard let entry else { return }
        entries[key] = entry
        counts.change(entry.place.counter, by: 1)
    }

    public func contains(_ key: NamespacedName) -> Bool { entries[key] != nil }

    /// The pod as it was last set.
    public func pod(_ key: NamespacedName) -> Pod? { entries[key]?.pod }

    // MARK: - Moves

    /// From the unschedulable pool to where it belongs now.
    private mutating func release(_ key: NamespacedName, now: Int64) {
        guard let entry = entries[key] else { return }
        let end = entry.failed.addingClamped(pause(after: entry.attempts))
        if end > now { startBackoff(key, until: end) } else { activate(key) }
    }

    private mutating func activate(_ key: NamespacedName) {
        leave(key)
        guard var entry = entries[key] else { return }
        entry.place = .active
        entry.ticket = takeTicket()
        put(entry, key)
        active.insert(
            Ranked(ActiveRank(priority: entry.pod.priority, added: entry.added, ticket: entry.ticket), key))
    }

    private mutating func startBackoff(_ key: NamespacedName, until end: Int64) {
        leave(key)
        guard var entry = entries[key] else { return }
        entry.place = .backoff(until: end)
        entry.ticket = takeTicket()
        put(entry, key)
        backoff.insert(Ranked(Deadline(time: end, ticket: entry.ticket), key))
    }

    /// Takes the pod out of the pool in which it waits; what the heaps hold of it is void then.
    private mutating func leave(_ key: NamespacedName) {
        guard let entry = entries[key] else { return }
        switch entry.place {
        case .unschedulable(_, let plugins):
            for plugin in plugins {
                waiting[plugin]?.remove(key)
                if waiting[plugin]?.isEmpty == true { waiting[plugin] = nil }
            }
        default: break
        }
        entries[key]?.ticket = -1
    }

    /// What has waited long enough becomes active.
    private mutating func expire(now: Int64) {
        while let first = backoff.first, first.rank.time <= now {
            _ = backoff.popFirst()
            if entries[first.key]?.ticket == first.rank.ticket { activate(first.key) }
        }
        while let first = stuck.first, first.rank.time <= now {
            _ = stuck.popFirst()
            if entries[first.key]?.ticket == first.rank.ticket { release(first.key, now: now) }
        }
    }

    private func pause(after attempts: Int) -> Int64 {
        let doublings = min(max(0, attempts - 1), 30)
        return min(policy.maximumBackoff, policy.initialBackoff.multipliedClamped(by: 1 << Int64(doublings)))
    }

    private mutating func takeTicket() -> Int {
        nextTicket += 1
        return nextTicket
    }
}

extension Pod {
    /// Whether a change may make the pod fit where it did not; not so changes of its status.
    func differsForScheduling(from other: Pod) -> Bool {
        labels != other.labels || requests != other.requests || tolerations != other.tolerations
            || nodeSelection != other.nodeSelection || affinities != other.affinities || spread != other.spread
            || priority != other.priority || gates != other.gates || isTerminating != other.isTerminating
    }
}

extension SchedulingQueue.Counts {
    fileprivate mutating func change(_ counter: WritableKeyPath<Self, Int>, by change: Int) {
        self[keyPath: counter] += change
    }
}
