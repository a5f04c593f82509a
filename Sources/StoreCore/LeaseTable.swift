/// A promise to delete keys unless it is renewed.
public struct Lease: Sendable, Hashable {
    public let id: LeaseID
    /// What was granted.
    public let seconds: Int64
    /// Milliseconds of wall-clock time: it stays the same over a restart.
    public var deadline: Int64
    public var keys: Set<Bytes> = []

    public init(id: LeaseID, seconds: Int64, deadline: Int64) {
        self.id = id
        self.seconds = seconds
        self.deadline = deadline
    }

    /// Whole seconds left; negative once it is over.
    public func remaining(now: Int64) -> Int64 {
        let left = deadline - now
        return left >= 0 ? left / 1000 : -1
    }
}

/// The leases, by number and by deadline.
public struct LeaseTable: Sendable {
    /// etcd's limits; the shorter one follows there from its election timeout.
    public static let longestSeconds: Int64 = 9_000_000_000
    public static let shortestSeconds: Int64 = 2

    private var leases: [LeaseID: Lease] = [:]
    private var wheel = TimerWheel()

    public init(_ leases: some Sequence<Lease> = []) {
        for lease in leases {
            self.leases[lease.id] = lease
            wheel.add(lease.id, at: lease.deadline)
        }
    }

    public subscript(id: LeaseID) -> Lease? { leases[id] }

    /// Those that end first come first.
    public var ids: [LeaseID] {
        leases.values.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }.map(\.id)
    }
    public var count: Int { leases.count }

    mutating func grant(_ id: LeaseID, seconds: Int64, now: Int64) throws(StoreError) -> Lease {
        guard seconds <= Self.longestSeconds else { throw .leaseTimeTooLong(limit: Self.longestSeconds) }
        guard leases[id] == nil else { throw .leaseExists }
        let seconds = max(Self.shortestSeconds, seconds)
        let lease = Lease(id: id, seconds: seconds, deadline: now + seconds * 1000)
        leases[id] = lease
        wheel.add(id, at: lease.deadline)
        return lease
    }

    mutating func keepAlive(_ id: LeaseID, now: Int64) throws(StoreError) -> Lease {
        guard var lease = leases[id] else { throw .leaseNotFound }
        lease.deadline = max(lease.deadline, now + lease.seconds * 1000)
        leases[id] = lease
        wheel.add(id, at: lease.deadline)
        return lease
    }

    /// All deadlines move, as the clock did.
    mutating func shift(milliseconds: Int64) {
        wheel = TimerWheel()
        for id in leases.keys {
            guard var lease = leases[id] else { continue }
            lease.deadline += milliseconds
            leases[id] = lease
            wheel.add(id, at: lease.deadline)
        }
    }

    mutating func attach(_ key: Bytes, to id: LeaseID) { leases[id]?.keys.insert(key) }
    mutating func detach(_ key: Bytes, from id: LeaseID) { leases[id]?.keys.remove(key) }
    mutating func remove(_ id: LeaseID) { leases[id] = nil }

    /// Leases that are over at `now`. Each is returned again until it is removed or renewed.
    public mutating func expired(now: Int64) -> [LeaseID] {
        var over: [LeaseID] = []
        for id in Set(wheel.advance(to: now)) {
            guard let lease = leases[id] else { continue }
            wheel.add(id, at: max(lease.deadline, now))
            if lease.deadline <= now { over.append(id) }
        }
        return over.sorted()
    }
}
