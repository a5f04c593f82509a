import NetTypes
import ProxyCore
import TestRandom
import Testing

@testable import ProxyNftables

@Suite struct SlotTableTests {
    static func endpoints(_ count: Int) -> [AddressPort] {
        (0..<count).map { AddressPort(IPAddress(v4: 0x0a00_0000 + UInt32($0)), 8080) }
    }

    @Test(arguments: [(0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (10, 16), (1000, 1024)])
    func randomCapacityIsThePowerOfTwoAbove(count: Int, capacity: UInt32) {
        let table = SlotTable(EndpointSet(Self.endpoints(count)), .random)
        #expect(table.slots == Self.endpoints(count))
        #expect(table.pick == .random(capacity: capacity))
    }

    @Test(arguments: BalanceAlgorithm.allCases)
    func weightsAreSharesOfTheSlots(algorithm: BalanceAlgorithm) {
        let endpoints = Self.endpoints(3)
        let table = SlotTable(EndpointSet(endpoints, weights: [1, 2, 5]), algorithm)
        let shares = endpoints.map { endpoint in
            Double(table.slots.count { $0 == endpoint }) / Double(table.slots.count)
        }
        for (share, expected) in zip(shares, [0.125, 0.25, 0.625]) { #expect(abs(share - expected) < 0.001) }
    }

    @Test func weightedRoundRobinSpreadsTheHeavyOne() {
        let endpoints = Self.endpoints(2)
        let slots = SlotTable(EndpointSet(endpoints, weights: [3, 1]), .roundRobin).slots
        #expect(slots == [endpoints[0], endpoints[0], endpoints[1], endpoints[0]])
    }

    @Test func hugeWeightsAreScaledDown() {
        let table = SlotTable(EndpointSet(Self.endpoints(2), weights: [65535, 1]), .random)
        #expect(table.slots.count <= SlotTable.mostSlots + 1)
        #expect(Set(table.slots).count == 2)
    }

    /// Drawing as the chain's rules do, from a seeded generator.
    @Test(arguments: [1, 2, 3, 5, 7, 9, 10, 100])
    func randomDrawsAreEven(count: Int) {
        let table = SlotTable(EndpointSet(Self.endpoints(count)), .random)
        var random = SeededRandom(seed: 7)
        var hits = Array(repeating: 0, count: count)
        let draws = 20_000 * count
        for _ in 0..<draws {
            for case .random(let modulus, _) in table.pick.slotSelectors {
                let slot = Int(random.next() % UInt64(modulus))
                if slot < count {
                    hits[slot] += 1
                    break
                }
            }
        }
        #expect(hits.reduce(0, +) == draws)
        for hit in hits { #expect(abs(Double(hit) / 20_000 - 1) < 0.05) }
    }
}

@Suite struct MaglevTests {
    @Test func losingOneOfFiftyMovesAtMostTwoPercentOfTheOthers() {
        let endpoints = SlotTableTests.endpoints(50)
        let before = MaglevTable.slots(for: EndpointSet(endpoints))
        for lost in [0, 17, 49] {
            var rest = endpoints
            rest.remove(at: lost)
            let after = MaglevTable.slots(for: EndpointSet(rest))
            let others = zip(before, after).filter { $0.0 != endpoints[lost] }
            let moved = others.count { $0.0 != $0.1 }
            #expect(Double(moved) / Double(others.count) <= 0.02, "lost \(lost): \(moved) of \(others.count)")
        }
    }

    @Test(arguments: [1, 3, 50, 160])
    func sharesAreEven(count: Int) {
        let endpoints = SlotTableTests.endpoints(count)
        let slots = MaglevTable.slots(for: EndpointSet(endpoints))
        let fair = Double(slots.count) / Double(count)
        for endpoint in endpoints {
            #expect(abs(Double(slots.count { $0 == endpoint }) - fair) <= max(1, fair * 0.01))
        }
    }

    @Test func noEndpointsNoSlots() {
        #expect(MaglevTable.slots(for: .empty).isEmpty)
    }
}
