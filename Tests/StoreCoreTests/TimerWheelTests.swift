import TestRandom
import Testing

@testable import StoreCore

@Suite struct TimerWheelTests {
    @Test(arguments: 0..<4) func findsEachAtItsTime(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var wheel = TimerWheel()
        var waiting: [LeaseID: Int64] = [:]
        var now: Int64 = 1_700_000_000_000
        #expect(wheel.advance(to: now).isEmpty)
        for id in LeaseID(1)...2000 {
            let distances: [Int64] = [1000, 60_000, 3_600_000, 400_000_000, 4_000_000_000]
            let distance = distances.randomElement(using: &random) ?? 1
            let due = now + Int64.random(in: 0...distance, using: &random)
            waiting[id] = due
            wheel.add(id, at: due)
            if id % 50 == 0 {
                now += Int64.random(in: 0...20_000, using: &random)
                check(&wheel, &waiting, now)
            }
        }
        for _ in 0..<3000 where !waiting.isEmpty {
            now += Int64.random(in: 0...3_000_000, using: &random)
            check(&wheel, &waiting, now)
        }
        #expect(waiting.isEmpty, "\(waiting.count) were never found, seed \(seed)")
    }

    /// Found are those whose time has come, never early and at most a tick late.
    private func check(_ wheel: inout TimerWheel, _ waiting: inout [LeaseID: Int64], _ now: Int64) {
        for id in wheel.advance(to: now) {
            #expect((waiting[id] ?? .max) <= now, "\(id)")
            waiting[id] = nil
        }
        let late = waiting.filter { $0.value <= now - 100 }
        #expect(late.isEmpty, "\(late.count) are late")
    }

    @Test func aClockThatGoesBackFindsNothing() {
        var wheel = TimerWheel()
        _ = wheel.advance(to: 100_000)
        wheel.add(1, at: 101_000)
        #expect(wheel.advance(to: 50_000).isEmpty)
        #expect(wheel.advance(to: 101_000) == [1])
    }

    @Test func leasesAreOverAtTheirDeadlineUnlessRenewed() throws {
        var leases = LeaseTable()
        _ = try leases.grant(1, seconds: 10, now: 0)
        _ = try leases.grant(2, seconds: 10, now: 0)
        #expect(leases.expired(now: 9_000).isEmpty)
        _ = try leases.keepAlive(2, now: 9_000)
        #expect(leases.expired(now: 10_000) == [1])
        #expect(leases.expired(now: 10_500) == [1])
        leases.remove(1)
        #expect(leases.expired(now: 18_000).isEmpty)
        #expect(leases.expired(now: 19_100) == [2])
        #expect(throws: StoreError.leaseNotFound) { try leases.keepAlive(9, now: 0) }
    }
}
