import KubeAPI
import NetTypes
import Testing

@testable import NodeProxy

@Suite struct HealthStateTests {
    /// 2026-01-01T00:00:00Z and so many seconds later.
    static func moment(_ seconds: Int64) -> HealthMoment {
        HealthMoment(wall: (1_767_225_600 + seconds) * 1_000_000_000, steady: seconds * 1_000_000_000)
    }

    static func node(taints: [String] = [], deletion: String? = nil) -> Node {
        var node = Node(metadata: ObjectMeta(name: "n", deletionTimestamp: deletion))
        node.taintKeys = taints
        return node
    }

    enum Step: Sendable {
        case queued(IPFamily, Int64), updated(IPFamily, Int64)
        case node([String], deletion: String?)
        case noNode
    }

    private static func state(_ steps: [Step], needsNode: Bool = true) -> HealthState {
        var state = HealthState(syncPeriod: .seconds(30), needsNode: needsNode)
        for step in steps {
            switch step {
            case .queued(let family, let time): state.queued(family, at: moment(time))
            case .updated(let family, let time): state.updated(family, at: moment(time))
            case .node(let taints, let deletion): state.setNode(node(taints: taints, deletion: deletion))
            case .noNode: state.setNode(nil)
            }
        }
        return state
    }

    private static let ready = Step.node([], deletion: nil)

    @Test(
        arguments: [
            ("nothing yet", [ready], 1000, true, true), ("programmed", [ready, .updated(.ipv4, 1)], 1000, true, true),
            ("waits", [ready, .updated(.ipv4, 1), .queued(.ipv4, 10)], 69, true, true),
            ("waits too long", [ready, .updated(.ipv4, 1), .queued(.ipv4, 10)], 70, false, false),
            (
                "the oldest counts", [ready, .updated(.ipv4, 1), .queued(.ipv4, 10), .queued(.ipv4, 60)], 70, false,
                false
            ),
            ("caught up", [ready, .queued(.ipv4, 10), .updated(.ipv4, 69), .queued(.ipv4, 70)], 100, true, true),
            ("never programmed", [ready, .queued(.ipv4, 0)], 60, false, false),
            ("one family late", [ready, .updated(.ipv4, 1), .updated(.ipv6, 1), .queued(.ipv6, 1)], 61, false, false),
            (
                "tainted", [.node(["ToBeDeletedByClusterAutoscaler"], deletion: nil), .updated(.ipv4, 1)], 2, false,
                true
            ),
            (
                "other taint", [.node(["node.kubernetes.io/unreachable"], deletion: nil), .updated(.ipv4, 1)], 2, true,
                true
            ),
            ("deleting", [.node([], deletion: "2026-01-01T00:00:00Z")], 2, false, true),
            ("gone", [ready, .noNode], 2, false, true),
            ("never seen", [], 2, false, true), ("back", [ready, .noNode, ready], 2, true, true),
        ] as [(String, [Step], Int64, Bool, Bool)])
    func answers(name: String, steps: [Step], now: Int64, healthz: Bool, livez: Bool) {
        let state = Self.state(steps)
        #expect(state.report(at: Self.moment(now), withNode: true).isGood == healthz, "\(name)")
        #expect(state.report(at: Self.moment(now), withNode: false).isGood == livez, "\(name)")
    }

    @Test func inputWithoutNodesNeedsNone() {
        #expect(Self.state([], needsNode: false).report(at: Self.moment(1), withNode: true).isGood)
        #expect(!Self.state([Self.ready, .noNode], needsNode: false).report(at: Self.moment(1), withNode: true).isGood)
    }

    @Test func writesTheBodyOfKubeProxy() {
        let state = Self.state([Self.ready, .updated(.ipv4, 1), .updated(.ipv6, 2), .queued(.ipv6, 3)])
        #expect(
            JSONWriter.text(state.report(at: Self.moment(4), withNode: true).body)
                == #"{"lastUpdated":"2026-01-01T00:00:04.000000Z","currentTime":"2026-01-01T00:00:04.000000Z","#
                + #""nodeEligible":true,"healthy":true,"#
                + #""status":{"IPv4":{"lastUpdated":"2026-01-01T00:00:01.000000Z","healthy":true},"#
                + #""IPv6":{"lastUpdated":"2026-01-01T00:00:02.000000Z","healthy":true}}}"#)
        #expect(
            JSONWriter.text(state.report(at: Self.moment(63), withNode: false).body)
                == #"{"lastUpdated":"2026-01-01T00:00:02.000000Z","currentTime":"2026-01-01T00:01:03.000000Z","#
                + #""healthy":false,"#
                + #""status":{"IPv4":{"lastUpdated":"2026-01-01T00:00:01.000000Z","healthy":true},"#
                + #""IPv6":{"lastUpdated":"2026-01-01T00:00:02.000000Z","healthy":false}}}"#)
    }

    @Test func writesNoStatusBeforeAnythingIsKnown() {
        let report = Self.state([]).report(at: Self.moment(0), withNode: true)
        #expect(
            JSONWriter.text(report.body)
                == #"{"lastUpdated":"0001-01-01T00:00:00Z","currentTime":"2026-01-01T00:00:00.000000Z","#
                + #""nodeEligible":false,"healthy":true}"#)
    }

    @Test func correctionsOfTheTimeChangeNothing() {
        var state = Self.state([Self.ready, .updated(.ipv4, 1), .queued(.ipv4, 2)])
        var now = Self.moment(3)
        now.wall += 3_600_000_000_000
        #expect(state.isHealthy(at: now))
        state.setSyncPeriod(GoDuration(nanoseconds: 1))
        #expect(!state.isHealthy(at: now))
    }
}
