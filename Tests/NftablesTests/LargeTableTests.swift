import Glibc
import Namespaces
import NetTypes
import TestThreads
import Testing

@testable import Nftables

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces")) struct LargeTableTests {
    static func endpoints(_ sample: SampleTable, _ count: UInt32) -> [SetElement] {
        (0..<count).map { number in
            SetElement(
                key: sample.service(number / 10, slot: number % 10), data: sample.endpoint(number),
                comment: number % 10 == 0 ? "namespace/service-\(number / 10):http" : nil)
        }
    }

    @Test(arguments: IPFamily.allCases)
    func aHundredThousandElementsGoInOneTransaction(family: IPFamily) throws {
        let sample = SampleTable(family)
        let elements = Self.endpoints(sample, 100_000)
        try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(
                Transaction(
                    sample.id,
                    [.addTable(comment: ""), .addSet(sample.sets[1]), .addElements(set: "endpoints", elements)]))
            var left = Set(elements)
            var strangers = 0
            try session.forEachElement(of: "endpoints", in: sample.id, restart: { left = Set(elements) }) { element in
                if left.remove(element) == nil { strangers += 1 }
            }
            #expect(left.isEmpty && strangers == 0)
        }
    }

    /// Another session changes the set while it is being read: what counts is what is there after that.
    @Test func readingIsNeverHalfOfAChange() throws {
        let sample = SampleTable(.ipv4)
        let elements = Self.endpoints(sample, 5000)
        try withNetworkNamespace {
            var session = try NftablesSession()
            var other = try NftablesSession()
            try session.apply(
                Transaction(
                    sample.id,
                    [.addTable(comment: ""), .addSet(sample.sets[1]), .addElements(set: "endpoints", elements)]))
            var passes = 0
            var seen: [SetElement] = []
            var failure: (any Error)?
            try session.forEachElement(
                of: "endpoints", in: sample.id,
                restart: {
                    passes += 1
                    seen = []
                },
                { element in
                    seen.append(element)
                    guard passes == 1, seen.count == 1 else { return }
                    do {
                        try other.apply(
                            Transaction(
                                sample.id, [.deleteElements(set: "endpoints", Array(elements.dropFirst(7)))]))
                    } catch { failure = error }
                })
            #expect(failure == nil)
            #expect(passes == 2)
            #expect(Set(seen) == Set(elements.prefix(7)))
        }
    }
}
