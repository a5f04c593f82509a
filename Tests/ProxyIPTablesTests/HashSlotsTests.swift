import NetTypes
import ProxyCore
import Testing

@testable import ProxyIPTables

@Suite struct HashSlotsTests {
    private static func endpoints(_ numbers: some Sequence<Int>, weights: [UInt16] = []) -> EndpointSet {
        EndpointSet(numbers.map { AddressPort(IPAddress(v4: 0x0a01_0000 + UInt32($0)), 8080) }, weights: weights)
    }

    @Test(arguments: [1, 2, 3, 10, 25, 26, 100, 101])
    func everySlotHasOneEndpointAndSharesAreEven(count: Int) {
        let slots = HashSlots.slots(for: Self.endpoints(0..<count))
        let size = HashSlots.size(for: count)
        #expect(slots.joined().sorted() == Array(0..<size))
        #expect(slots.allSatisfy { abs($0.count - size / count) <= 1 })
    }

    @Test func weightsAreShares() {
        let slots = HashSlots.slots(for: Self.endpoints(0..<2, weights: [3, 1]))
        #expect(abs(slots[0].count - 188) <= 1)
    }

    /// A lost endpoint's slots must move; of the others at most a quarter as many may.
    @Test func aLostEndpointMovesHardlyMoreThanItsOwnSlots() {
        let before = HashSlots.slots(for: Self.endpoints(0..<10))
        let after = HashSlots.slots(for: Self.endpoints(1..<10))
        let stayed = zip(before.dropFirst(), after).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
        let others = 251 - before[0].count
        #expect(others - stayed <= others / 4, "\(others - stayed) of \(others) moved")
    }

    @Test(arguments: IPFamily.allCases, [false, true])
    func programsAreNeverTooLong(family: IPFamily, hashesPort: Bool) throws {
        let code = HashBytecode(family: family, hashesPort: hashesPort, modulus: 4093)
        let slots = Array(0..<HashBytecode.mostSlots)
        for text in [code.matches(slots[...]), code.matches(below: 9)] {
            let list = try #require(text.split(separator: "\"").last).split(separator: ",")
            let count = try #require(Int(list[0]))
            #expect(count <= 64)
            #expect(list.count == count + 1)
        }
    }
}
