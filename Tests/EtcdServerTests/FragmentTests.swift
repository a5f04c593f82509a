import StoreCore
import Testing

@testable import EtcdServer

@Suite struct FragmentTests {
    private static func events(_ sizes: [Int]) -> [StoreEvent] {
        sizes.enumerated().map { index, size in
            StoreEvent(
                .put,
                KeyValue(key: [UInt8(index)], value: Bytes(repeating: 0, count: size), modRevision: 2), previous: nil)
        }
    }

    @Test(arguments: [
        ([], [0]), ([10], [1]), ([900, 900], [1, 1]), ([100, 100, 100], [3]), ([5000, 10, 10], [1, 2]),
        ([10, 5000, 10], [1, 1, 1]),
    ])
    func keepsOrderAndFillsParts(sizes: [Int], counts: [Int]) {
        let events = Self.events(sizes)
        let parts = Fragments.split(events, limit: 1000)
        #expect(parts.map(\.count) == counts)
        #expect(Array(parts.joined()) == events)
    }
}
