/// All limited priority levels together: each has its seats, and uses those that others lend and leave free.
///
/// Sans-IO: every change returns the waiters that sit down because of it.
public struct FlowSeats<Waiter: Hashable & Sendable>: Sendable {
    private struct Level: Sendable {
        var queues: FairQueues<Waiter>
        /// Its own seats that others may use while they are free.
        var lendable: Int
        /// Seats of others that it may use.
        var borrowable: Int

        var borrowed: Int { max(0, queues.seated - queues.seats) }
        var lent: Int { min(lendable, max(0, queues.seats - queues.seated)) }
    }

    /// In-flight numbers of a level, for metrics.
    public struct Usage: Sendable, Hashable {
        public var level: String
        public var seats: Int
        public var seated: Int
        public var waiting: Int
    }

    public private(set) var configuration: FlowConfiguration
    private let total: Int
    private var levels: [String: Level] = [:]

    /// - Parameter total: seats of all levels together.
    public init(_ configuration: FlowConfiguration, total: Int) {
        self.configuration = configuration
        self.total = max(1, total)
        _ = adjust()
    }

    public var usage: [Usage] {
        levels.sorted { $0.key < $1.key }.map { name, level in
            Usage(
                level: name, seats: level.queues.seats, seated: level.queues.seated, waiting: level.queues.waiting)
        }
    }

    public mutating func change(_ body: (inout FlowConfiguration) -> Void) -> [Waiter] {
        body(&configuration)
        return adjust()
    }

    public mutating func arrive(
        _ waiter: Waiter, level: String, schema: String, flow: String
    ) -> FairQueues<Waiter>.Arrival {
        let borrows = canBorrow(level)
        return levels[level]?.queues.arrive(waiter, schema: schema, flow: flow, borrows: borrows) ?? .refused
    }

    /// A seat of the level is given back.
    public mutating func finish(level: String) -> [Waiter] {
        let own = levels[level]?.queues.finish() ?? []
        forgetIfIdle(level)
        return own.isEmpty ? lend() : own
    }

    /// False when the waiter does not wait any more.
    public mutating func cancel(_ waiter: Waiter, level: String) -> Bool {
        let wasWaiting = levels[level]?.queues.cancel(waiter) ?? false
        forgetIfIdle(level)
        return wasWaiting
    }

    // MARK: - Seats

    private mutating func adjust() -> [Waiter] {
        var seated: [Waiter] = []
        for level in configuration.levels.values where !level.isExempt {
            let seats = configuration.nominalSeats(level.name, total: total)
            var queues = levels[level.name]?.queues ?? FairQueues(seats: seats, queuing: level.queuing)
            // A change of the queues' number waits until nobody is in the old ones.
            if queues.queuing != level.queuing, queues.seated == 0, queues.waiting == 0 {
                queues = FairQueues(seats: seats, queuing: level.queuing)
            }
            seated += queues.resize(seats: seats)
            let limit = level.borrowingLimitPercent.map { Int(Int64(queues.seats) * $0 / 100) } ?? total
            levels[level.name] = Level(
                queues: queues, lendable: Int(Int64(queues.seats) * level.lendablePercent / 100), borrowable: limit)
        }
        for name in Array(levels.keys) where configuration.levels[name]?.isExempt != false { forgetIfIdle(name) }
        return seated + lend()
    }

    /// A level that was deleted goes when its last request has gone.
    private mutating func forgetIfIdle(_ name: String) {
        guard configuration.levels[name]?.isExempt != false, let level = levels[name], level.queues.seated == 0,
            level.queues.waiting == 0
        else { return }
        levels[name] = nil
    }

    private func canBorrow(_ name: String) -> Bool {
        guard let level = levels[name], level.borrowed < level.borrowable else { return false }
        var free = 0
        for (other, level) in levels {
            if other != name { free += level.lent }
            free -= level.borrowed
        }
        return free > 0
    }

    /// Seats of idle levels go to those who wait elsewhere.
    private mutating func lend() -> [Waiter] {
        var seated: [Waiter] = []
        for name in levels.keys.sorted() {
            while levels[name]?.queues.waiting ?? 0 > 0, canBorrow(name), let next = levels[name]?.queues.seatOne() {
                seated.append(next)
            }
        }
        return seated
    }
}
