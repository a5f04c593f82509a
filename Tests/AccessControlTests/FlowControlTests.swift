import KubeAPI
import TestRandom
import Testing

@testable import AccessControl

struct FlowControlTests {
    static let configuration = FlowConfiguration.bootstrap

    @Test(arguments: [
        ("kubernetes-admin", "system:masters", "list", "pods", "ns", "exempt"),
        ("system:node:a", "system:nodes", "patch", "nodes/status", "", "system-node-high"),
        ("system:node:a", "system:nodes", "get", "secrets", "ns", "system-nodes"),
        ("system:kube-scheduler", "", "update", "leases", "kube-system", "system-leader-election"),
        ("system:kube-scheduler", "", "list", "pods", "", "kube-scheduler"),
        (
            "system:serviceaccount:kube-system:dns", "system:serviceaccounts", "list", "services", "",
            "kube-system-service-accounts"
        ),
        ("system:serviceaccount:ns:app", "system:serviceaccounts", "list", "services", "ns", "service-accounts"),
        ("jane", "dev", "list", "pods", "ns", "global-default"),
    ])
    func schemas(name: String, group: String, verb: String, resource: String, namespace: String, schema: String) throws
    {
        let asker = UserInfo(name: name, groups: [group, "system:authenticated"])
        let request = ask(
            asker, verb, resource, group: resource == "leases" ? "coordination.k8s.io" : "", in: namespace)
        #expect(try #require(Self.configuration.classify(request)).schema.name == schema)
    }

    @Test func probesAreExempt() throws {
        let place = try #require(
            Self.configuration.classify(.init(user: .anonymous, verb: "get", path: "/healthz")))
        #expect(place.schema.name == "probes" && place.level.isExempt)
    }

    /// Upstream's numbers for 600 seats.
    @Test func seatsFollowShares() {
        let seats = [
            "catch-all", "global-default", "leader-election", "node-high", "system", "workload-high", "workload-low",
        ]
        .map { Self.configuration.nominalSeats($0, total: 600) }
        #expect(seats == [13, 49, 25, 98, 74, 98, 245])
    }

    @Test func mandatoryObjectsStay() {
        var configuration = Self.configuration
        configuration.remove(kind: "FlowSchema", name: "catch-all")
        configuration.remove(kind: "FlowSchema", name: "global-default")
        #expect(configuration.schemas.contains { $0.name == "catch-all" })
        #expect(!configuration.schemas.contains { $0.name == "global-default" })
    }

    @Test func handsAreDistinctAndStable() {
        for flow in 0..<200 {
            let hash = ShuffleSharding.hash("schema", "user-\(flow)")
            let hand = ShuffleSharding.hand(hash: hash, deckSize: 128, handSize: 6)
            #expect(Set(hand).count == 6 && hand.allSatisfy { (0..<128).contains($0) })
            #expect(hand == ShuffleSharding.hand(hash: hash, deckSize: 128, handSize: 6))
        }
        #expect(ShuffleSharding.hand(hash: 12345, deckSize: 3, handSize: 8).sorted() == [0, 1, 2])
    }

    /// A flow that floods the level does not keep another from its turn.
    @Test func aQuietFlowIsServedSoon() {
        var queues = FairQueues<Int>(seats: 1, queuing: .init(queues: 64, handSize: 6, queueLengthLimit: 50))
        #expect(queues.arrive(0, schema: "s", flow: "loud") == .seated)
        for waiter in 1...200 { #expect(queues.arrive(waiter, schema: "s", flow: "loud") == .waiting) }
        #expect(queues.arrive(1000, schema: "s", flow: "quiet") == .waiting)
        var turns = 0
        while turns < 20 {
            turns += 1
            if queues.finish() == [1000] { break }
        }
        #expect(turns <= 8)
    }

    @Test func fullQueuesRefuse() {
        var queues = FairQueues<Int>(seats: 1, queuing: .init(queues: 4, handSize: 2, queueLengthLimit: 3))
        #expect(queues.arrive(0, schema: "s", flow: "f") == .seated)
        for waiter in 1...6 { #expect(queues.arrive(waiter, schema: "s", flow: "f") == .waiting) }
        #expect(queues.arrive(7, schema: "s", flow: "f") == .refused)
        let first = queues.cancel(1)
        let again = queues.cancel(1)
        #expect(first && !again)
        #expect(queues.arrive(8, schema: "s", flow: "f") == .waiting)
        var none = FairQueues<Int>(seats: 1, queuing: nil)
        #expect(none.arrive(0, schema: "s", flow: "f") == .seated)
        #expect(none.arrive(1, schema: "s", flow: "f") == .refused)
    }

    /// Whatever happens, seats are never given twice, and nobody waits while a seat is free.
    @Test func randomTrafficKeepsTheCount() {
        var random = SeededRandom(seed: 11)
        var seats = FlowSeats<Int>(Self.configuration, total: 30)
        let levels = ["global-default", "workload-low", "workload-high", "system"]
        var seated: [Int: String] = [:]
        var waiting: [Int: String] = [:]
        for waiter in 0..<4000 {
            let level = levels.randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                switch seats.arrive(waiter, level: level, schema: "s", flow: "f\(waiter % 7)") {
                case .seated: seated[waiter] = level
                case .waiting: waiting[waiter] = level
                case .refused: break
                }
            case 5..<6:
                guard let (gone, level) = waiting.first else { continue }
                let left = seats.cancel(gone, level: level)
                #expect(left)
                waiting[gone] = nil
            default:
                guard let (gone, level) = seated.first else { continue }
                seated[gone] = nil
                for next in seats.finish(level: level) {
                    seated[next] = waiting.removeValue(forKey: next)
                }
            }
            let usage = seats.usage
            #expect(usage.reduce(0) { $0 + $1.seated } == seated.count)
            #expect(usage.reduce(0) { $0 + $1.waiting } == waiting.count)
            #expect(usage.allSatisfy { $0.waiting == 0 || $0.seated >= $0.seats })
        }
    }

    @Test func idleSeatsAreLent() {
        var seats = FlowSeats<Int>(Self.configuration, total: 60)
        let own = Self.configuration.nominalSeats("global-default", total: 60)
        var seated = 0
        while seats.arrive(seated, level: "global-default", schema: "s", flow: "f") == .seated { seated += 1 }
        #expect(seated > own)
        // The lenders' own requests are not kept waiting by what they have not lent.
        #expect(seats.arrive(10_000, level: "system", schema: "s", flow: "f") == .seated)
    }
}
