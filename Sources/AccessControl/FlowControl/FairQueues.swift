/// One limited priority level: who has a seat, who waits, and whose turn is next. Sans-IO: the caller says what happens
/// and does what the results ask.
///
///                 arrive ──────────────► seated ── finish ──► gone
///                   │                      ▲
///                   └──► waiting ── turn ──┘
///                           └── cancel (deadline, client gone) ──► gone
///
/// Queues take turns; within a queue the first comes first. A flow of many requests fills its hand of queues and waits
/// there; a flow of few finds a queue that is short, and its turn comes as often as the other's.
public struct FairQueues<Waiter: Hashable & Sendable>: Sendable {
    public enum Arrival: Sendable, Hashable {
        case seated
        case waiting
        /// Its queues are full, or the level has none.
        case refused
    }

    /// Requests that may be worked on at once.
    public private(set) var seats: Int
    public private(set) var seated = 0
    public private(set) var waiting = 0
    public let queuing: PriorityLevel.Queuing?
    private var queues: [[Waiter]]
    private var places: [Waiter: Int] = [:]
    /// The queue whose turn is next.
    private var turn = 0

    public init(seats: Int, queuing: PriorityLevel.Queuing?) {
        self.seats = max(0, seats)
        self.queuing = queuing
        queues = Array(repeating: [], count: queuing?.queues ?? 0)
    }

    /// `borrows`: another level's free seat is there for this request.
    public mutating func arrive(_ waiter: Waiter, schema: String, flow: String, borrows: Bool = false) -> Arrival {
        if waiting == 0, seated < seats || borrows {
            seated += 1
            return .seated
        }
        guard let queuing else { return .refused }
        let hand = ShuffleSharding.hand(
            hash: ShuffleSharding.hash(schema, flow), deckSize: queuing.queues, handSize: queuing.handSize)
        guard let shortest = hand.min(by: { queues[$0].count < queues[$1].count }),
            queues[shortest].count < queuing.queueLengthLimit
        else { return .refused }
        queues[shortest].append(waiter)
        places[waiter] = shortest
        waiting += 1
        return .waiting
    }

    /// A seat is given back. Returns who sits down now.
    public mutating func finish() -> [Waiter] {
        seated = max(0, seated - 1)
        return seatWaiting()
    }

    /// A waiter leaves. False when it does not wait any more: it has a seat, which it must give back.
    public mutating func cancel(_ waiter: Waiter) -> Bool {
        guard let queue = places.removeValue(forKey: waiter), let index = queues[queue].firstIndex(of: waiter) else {
            return false
        }
        queues[queue].remove(at: index)
        waiting -= 1
        return true
    }

    /// The configuration changed. Returns who sits down now.
    public mutating func resize(seats: Int) -> [Waiter] {
        self.seats = max(0, seats)
        return seatWaiting()
    }

    /// One waiter takes a seat that another level lends.
    public mutating func seatOne() -> Waiter? {
        guard waiting > 0 else { return nil }
        for step in 0..<queues.count {
            let queue = (turn + step) % queues.count
            guard let next = queues[queue].first else { continue }
            queues[queue].removeFirst()
            places[next] = nil
            turn = (queue + 1) % queues.count
            waiting -= 1
            seated += 1
            return next
        }
        return nil
    }

    private mutating func seatWaiting() -> [Waiter] {
        var now: [Waiter] = []
        while seated < seats, let next = seatOne() { now.append(next) }
        return now
    }
}
