import ControlLoops
import KubeAPI
import TestRandom
import Testing

@Suite struct LeaderElectionTests {
    typealias Election = LeaderElection<ContinuousClock.Instant>
    let start = ContinuousClock.now
    let second: Int64 = 1_000_000_000

    private func record(_ holder: String, renewed: Int64 = 1, transitions: Int64 = 0) -> LeaseRecord {
        LeaseRecord(holder: holder, durationSeconds: 15, acquired: 0, renewed: renewed, transitions: transitions)
    }

    @Test func theFirstMakesTheLeaseAndLeads() {
        var election = Election(identity: "a")
        let claim = LeaseRecord(holder: "a", durationSeconds: 15, acquired: 7, renewed: 7, transitions: 0)
        #expect(election.read(nil, now: start, wallClock: 7, random: 0) == .create(claim))
        #expect(!election.isLeading)
        #expect(election.wrote(claim, now: start, random: 0.5) == .wait(.seconds(2)))
        #expect(election.isLeading && election.leader == "a")
        var renewal = claim
        renewal.renewed = 9
        #expect(election.read(claim, now: start + .seconds(2), wallClock: 9, random: 0) == .update(renewal))
    }

    @Test func aLeaseExpiresByTheTimeItWasSeenUnchanged() {
        var election = Election(identity: "b")
        // The holder's clock is years ahead; nothing follows from that.
        let held = record("a", renewed: 1 << 60)
        #expect(election.read(held, now: start, wallClock: 1, random: 0) == .wait(.seconds(2)))
        #expect(election.read(held, now: start + .seconds(14), wallClock: 1, random: 0) == .wait(.seconds(2)))
        guard case .update(let claim) = election.read(held, now: start + .seconds(15), wallClock: 5, random: 0) else {
            Issue.record("an expired lease is there to be taken")
            return
        }
        #expect(claim.holder == "b" && claim.transitions == 1 && claim.acquired == 5)
    }

    @Test func aRenewedLeaseIsRespected() {
        var election = Election(identity: "b")
        for tick in 0..<20 {
            let now = start + .seconds(tick * 10)
            let step = election.read(record("a", renewed: Int64(tick)), now: now, wallClock: 0, random: 0)
            #expect(step == .wait(.seconds(2)))
        }
        // Given back.
        let free = LeaseRecord(durationSeconds: 1, transitions: 4)
        guard case .update(let claim) = election.read(free, now: start + .seconds(201), wallClock: 0, random: 0) else {
            Issue.record("a lease that was given back can be had at once")
            return
        }
        #expect(claim.transitions == 5)
    }

    @Test func aLeaderThatCannotRenewGivesUpBeforeOthersTakeOver() {
        var election = Election(identity: "a")
        _ = election.wrote(record("a"), now: start, random: 0)
        #expect(election.failed(now: start + .seconds(9), random: 0) == .wait(.seconds(2)))
        #expect(election.requestLimit(now: start + .seconds(9)) == .seconds(1))
        #expect(election.failed(now: start + .seconds(10), random: 0) == .lost)
        #expect(!election.isLeading && election.release(wallClock: 0) == nil)
    }

    @Test func aLeaderThatSeesAnotherIsLost() {
        var election = Election(identity: "a")
        _ = election.wrote(record("a"), now: start, random: 0)
        #expect(election.read(record("b"), now: start + .seconds(2), wallClock: 0, random: 0) == .lost)
    }

    @Test func theLeaseIsGivenBack() {
        var election = Election(identity: "a")
        #expect(election.release(wallClock: 3) == nil)
        _ = election.wrote(record("a", transitions: 2), now: start, random: 0)
        #expect(
            election.release(wallClock: 3)
                == LeaseRecord(durationSeconds: 1, acquired: 3, renewed: 3, transitions: 2))
        #expect(!election.isLeading)
    }

    @Test func aRecordIsWhatItsSpecSays() {
        let record = LeaseRecord(
            holder: "a", durationSeconds: 15, acquired: 1_700_000_000 * second, renewed: 1_700_000_005 * second,
            transitions: 3)
        #expect(LeaseRecord(lease: ["spec": record.spec]) == record)
        #expect(LeaseRecord(lease: [:]) == LeaseRecord())
    }

    @Test func senselessTimesAreRefused() {
        #expect(Election.Policy().refusal == nil)
        #expect(Election.Policy(leaseDuration: .seconds(10)).refusal != nil)
        #expect(Election.Policy(retryPeriod: .seconds(9)).refusal != nil)
    }

    /// Two electors on one lease, with lost answers and clocks that run apart: never two leaders.
    @Test(arguments: 0..<30) func neverTwoLead(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stored: LeaseRecord?
        var version = 0
        var electors = ["a", "b", "c"].map { Election(identity: $0) }
        var wakes = [start, start, start]
        var changes = 0
        var leader: Int?
        for _ in 0..<3000 {
            guard let index = wakes.indices.min(by: { wakes[$0] < wakes[$1] }) else { return }
            let now = wakes[index]
            // A leader whose deadline has passed stops by itself: the shell limits its requests to it.
            let fails = random.next() % 4 == 0
            var step: Election.Step
            if fails {
                step = electors[index].failed(now: now, random: 0.3)
            } else {
                step = electors[index].read(stored, now: now, wallClock: Int64(random.next() % 1000), random: 0.3)
                if case .create(let record) = step {
                    (stored, version) = (record, version + 1)
                    step = electors[index].wrote(record, now: now, random: 0.3)
                } else if case .update(let record) = step {
                    (stored, version) = (record, version + 1)
                    step = electors[index].wrote(record, now: now, random: 0.3)
                }
            }
            switch step {
            case .wait(let delay): wakes[index] = now + delay
            case .lost:
                electors[index] = Election(identity: "\(index)-\(random.next())")
                wakes[index] = now + .seconds(Int(random.next() % 20))
            default: Issue.record("the step \(step) is answered")
            }
            // Whoever leads renewed less than renewDeadline ago; only one can have been that.
            let leading = electors.indices.filter {
                electors[$0].isLeading && electors[$0].requestLimit(now: now) > .milliseconds(1)
            }
            #expect(leading.count <= 1, "seed \(seed)")
            if leading.first != leader { (leader, changes) = (leading.first, changes + 1) }
        }
        #expect(changes > 0 && version > 100)
    }
}
