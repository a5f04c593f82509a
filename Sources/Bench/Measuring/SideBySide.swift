import Glibc
import Synchronization
import Threads

/// Runs closures at the same time, each on a thread of its own.
enum SideBySide {
    private final class Outcomes<Value: Sendable>: Sendable {
        let values: Mutex<[Result<Value, any Error>?]>
        init(_ count: Int) { values = Mutex(Array(repeating: nil, count: count)) }
    }

    /// `meanwhile` runs on the calling thread, again and again until the others have ended.
    static func run<Value: Sendable>(
        _ bodies: [@Sendable () throws -> Value], meanwhile: () throws -> Void
    ) throws -> [Value] {
        let outcomes = Outcomes<Value>(bodies.count)
        let left = Countdown(bodies.count)
        for (index, body) in bodies.enumerated() {
            try OwnThread {
                let result = Result { try body() }
                outcomes.values.withLock { $0[index] = result }
                left.countDown()
            }.detach()
        }
        var failure: (any Error)?
        while !left.isOver {
            do {
                if failure == nil { try meanwhile() }
            } catch {
                failure = error
            }
            usleep(200)
        }
        if let failure { throw failure }
        return try outcomes.values.withLock { values in try values.compactMap { try $0?.get() } }
    }
}

private final class Countdown: Sendable {
    private let left: Atomic<Int>
    init(_ count: Int) { left = Atomic(count) }
    func countDown() { left.subtract(1, ordering: .releasing) }
    var isOver: Bool { left.load(ordering: .acquiring) <= 0 }
}
