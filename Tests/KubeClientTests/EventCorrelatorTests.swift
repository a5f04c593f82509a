import KubeAPI
import Testing

@testable import KubeClient

@Suite struct EventCorrelatorTests {
    private static let second: Int64 = 1_000_000_000

    private static func report(_ note: String, reason: String = "Created", name: String = "web") -> EventReport {
        EventReport(
            severity: .normal, reason: reason, action: "", note: note,
            regarding: .init(apiVersion: "apps/v1", kind: "ReplicaSet", namespace: "n", name: name))
    }

    @Test func theSameNoteIsCounted() throws {
        var correlator = EventCorrelator()
        guard case .create(let first) = correlator.admit(Self.report("a"), at: 0) else {
            Issue.record("the first makes an Event")
            return
        }
        #expect(correlator.admit(Self.report("a"), at: 1) == .count(first, 2))
        #expect(correlator.admit(Self.report("a"), at: 2) == .count(first, 3))
        guard case .create(let other)? = correlator.admit(Self.report("b"), at: 3) else {
            Issue.record("another note makes another Event")
            return
        }
        #expect(other.note == "b")
        correlator.lost(first)
        #expect(correlator.admit(Self.report("a"), at: 4) == .create(first))
    }

    @Test func manySimilarNotesBecomeOne() {
        var correlator = EventCorrelator()
        let outcomes = (0..<15).map { correlator.admit(Self.report("pod \($0)"), at: Int64($0)) }
        let made = outcomes.count {
            guard case .create? = $0 else { return false }
            return true
        }
        #expect(made == 10)
        guard case .count(let identity, 6)? = outcomes.last else {
            Issue.record("the rest is counted: \(String(describing: outcomes.last))")
            return
        }
        #expect(identity.note == "(combined from similar events): ")
        // Long after, they are told apart again.
        guard case .create(let later)? = correlator.admit(Self.report("pod 99"), at: 700 * Self.second) else {
            Issue.record("a note long after stands alone")
            return
        }
        #expect(later.note == "pod 99")
    }

    @Test func anObjectCannotFloodTheServer() {
        var correlator = EventCorrelator()
        let admitted = (0..<60).count { correlator.admit(Self.report("n", reason: "R\($0)"), at: 0) != nil }
        #expect(admitted == 25)
        #expect(correlator.admit(Self.report("n", name: "other"), at: 0) != nil)
        #expect(correlator.admit(Self.report("n", reason: "late"), at: 300 * Self.second) != nil)
    }
}
