import NetTypes
import ProxyCore
import Testing

@testable import ProxyUserspace

@Suite struct EndpointPickTests {
    private static let endpoints = (1...5).map { AddressPort(IPAddress(10, 0, 0, UInt8($0)), 80) }

    private func client(_ number: Int, turn: UInt32 = 0) -> EndpointPick.Client {
        EndpointPick.Client(
            source: AddressPort(IPAddress(v4: UInt32(number) &* 2_654_435_761), 1000), turn: turn, random: 0)
    }

    @Test func roundRobinGoesInTurnByWeight() {
        let set = EndpointSet(Array(Self.endpoints.prefix(2)), weights: [3, 1])
        let pick = EndpointPick(set, .roundRobin)
        #expect((0..<8).map { pick.choose(client(1, turn: $0)) { _ in true } } == [0, 0, 0, 1, 0, 0, 0, 1])
    }

    @Test func anEndpointThatIsAsideIsPassedOverUnlessAllAre() {
        let pick = EndpointPick(EndpointSet(Self.endpoints), .roundRobin)
        #expect(pick.choose(client(1)) { $0 != Self.endpoints[0] } == 1)
        #expect(pick.choose(client(1)) { _ in false } == 0)
        #expect(EndpointPick(.empty, .roundRobin).choose(client(1)) { _ in true } == nil)
    }

    @Test func leastConnectionsHeedsWeights() {
        let set = EndpointSet(Array(Self.endpoints.prefix(3)), weights: [1, 1, 4])
        let pick = EndpointPick(set, .leastConnections)
        func choose(_ loads: [Int], turn: UInt32 = 0, aside: Int? = nil) -> Int? {
            pick.choose(client(1, turn: turn), load: { loads[Self.endpoints.firstIndex(of: $0) ?? 0] }) {
                aside == nil || $0 != Self.endpoints[aside ?? 0]
            }
        }
        #expect(choose([1, 0, 3]) == 1)
        #expect(choose([1, 1, 3]) == 2)
        #expect(choose([1, 1, 3], aside: 2) == 0)
        // Equal loads go in turn by weight.
        #expect((0..<6).map { choose([0, 0, 0], turn: $0) } == [0, 1, 2, 2, 2, 2])
        #expect(pick.choose(client(1), load: { _ in 0 }, { _ in false }) == 0)
    }

    /// As evenly as the weights say, the same in every process; hardly anybody else moves when an endpoint goes.
    @Test func maglevSharesClientsByItsTable() {
        func owners(_ pick: EndpointPick, isUsable: (AddressPort) -> Bool = { _ in true }) -> [Int?] {
            (0..<4000).map { pick.choose(client($0), isUsable) }
        }
        let set = EndpointSet(Self.endpoints)
        let before = owners(EndpointPick(set, .maglev))
        for index in 0..<5 { #expect((700...900).contains(before.count { $0 == index })) }
        let after = owners(EndpointPick(EndpointSet(Array(Self.endpoints.dropLast())), .maglev))
        #expect(zip(before, after).count { $0 != 4 && $0 != $1 } < 4000 / 20)
        // One that is set aside gives its own away and no more.
        let aside = owners(EndpointPick(set, .maglev)) { $0 != Self.endpoints[4] }
        #expect(zip(before, aside).allSatisfy { $0 == 4 ? $1 != 4 : $0 == $1 })
        #expect(owners(EndpointPick(set, .maglev)) { _ in false } == before)
        let weighted = EndpointPick(EndpointSet(Array(Self.endpoints.prefix(2)), weights: [3, 1]), .maglev)
        #expect((2850...3150).contains(owners(weighted).count { $0 == 0 }))
    }

    @Test func onlyClientsOfAGoneEndpointMove() {
        let before = EndpointPick(EndpointSet(Self.endpoints), .sourceHash)
        let after = EndpointPick(EndpointSet(Array(Self.endpoints.dropLast())), .sourceHash)
        for number in 0..<500 {
            let old = before.choose(client(number)) { _ in true }
            if old != 4 { #expect(after.choose(client(number)) { _ in true } == old) }
        }
    }

    /// 1 s, doubling to 64 s, until it accepts.
    @Test func anEndpointThatRefusesIsSetAsideLongerEachTime() {
        let memory = ServiceMemory()
        let pick = EndpointPick(EndpointSet(Array(Self.endpoints.prefix(2))), .roundRobin)
        func isUsed(_ now: Int) -> Bool {
            memory.choose(pick, client(1), nil, isInside: true, now: now, tried: nil) == Self.endpoints[0]
        }
        var now = 0
        for pause in [1, 2, 4, 8, 16, 32, 64, 64] {
            #expect(isUsed(now))
            memory.refused(Self.endpoints[0], now: now)
            #expect(!isUsed(now) && !isUsed(now + pause - 1), "\(pause) s")
            now += pause
        }
        #expect(isUsed(now))
        memory.accepted(Self.endpoints[0])
        memory.refused(Self.endpoints[0], now: now)
        #expect(!isUsed(now) && isUsed(now + 1))
        // Used when there is no other.
        memory.refused(Self.endpoints[1], now: now)
        #expect(memory.choose(pick, client(1), nil, isInside: true, now: now, tried: nil) != nil)
    }

    @Test func weightsGiveTheirShares() {
        let set = EndpointSet(Array(Self.endpoints.prefix(2)), weights: [3, 1])
        let pick = EndpointPick(set, .sourceHash)
        let first = (0..<4000).count { pick.choose(client($0)) { _ in true } == 0 }
        #expect((2800...3200).contains(first))
    }
}
