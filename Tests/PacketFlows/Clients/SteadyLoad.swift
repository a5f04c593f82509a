import Foundation
import Lab
import Synchronization

/// New connections one batch after the other on a thread of its own, until stopped.
public final class SteadyLoad: Sendable {
    private let outcomes = Mutex<[ProbeOutcome]>([])
    private let failure = Mutex<(any Error)?>(nil)
    private let isStopping = Atomic(false)
    private let isDone = DispatchSemaphore(value: 0)

    public init(_ lab: FlowProbe, _ batch: [(from: FlowProbe.Location, probe: Probe)]) {
        Thread.detachNewThread { [self] in
            while !isStopping.load(ordering: .relaxed) {
                do {
                    let new = try lab.run(batch)
                    outcomes.withLock { $0 += new }
                    // Others want to be scheduled too.
                    usleep(1000)
                } catch {
                    failure.withLock { $0 = error }
                    break
                }
            }
            isDone.signal()
        }
    }

    /// Returns once `count` more connections are over, or after half a minute.
    public func wait(for count: Int) {
        let goal = outcomes.withLock(\.count) + count
        let deadline = ContinuousClock.now + .seconds(30)
        while outcomes.withLock(\.count) < goal, ContinuousClock.now < deadline { usleep(500) }
    }

    /// All outcomes.
    public func stop() throws -> [ProbeOutcome] {
        isStopping.store(true, ordering: .relaxed)
        isDone.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        return outcomes.withLock { $0 }
    }
}
