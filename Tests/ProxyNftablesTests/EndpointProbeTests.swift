import NetTypes
import Nftables
import Testing

@testable import ProxyNftables

/// The probe against a map of numbers: what it asks for, and whether it knows when that was everything.
@Suite struct EndpointProbeTests {
    private static func frontend(_ number: UInt8) -> RegisterBytes {
        var key = RegisterBytes()
        key.append(IPAddress(10, 96, 0, number))
        key.append(.tcp)
        key.append(port: 80)
        return key
    }

    private static func slots(_ number: UInt8, _ range: Range<UInt32>) -> [SetElement] {
        range.map { slot in
            var key = frontend(number)
            key.append(hostOrder: slot)
            return SetElement(key: key, data: .bytes(RegisterBytes(AddressPort(IPAddress(10, 1, 0, 1), 80))))
        }
    }

    /// What the kernel holds, what is wanted, the service addresses that are known, and whether all can be found.
    private static let cases: [(held: [SetElement], desired: [SetElement], frontends: [UInt8], isComplete: Bool)] = [
        (slots(1, 0..<5), slots(1, 0..<5), [1], true),
        (slots(1, 0..<3), slots(1, 0..<5), [1], true),
        (slots(1, 0..<100), slots(1, 0..<5), [1], true),
        (slots(1, 0..<5) + slots(2, 0..<40), slots(1, 0..<5), [1, 2], true),
        (slots(1, 0..<5) + slots(2, 0..<40), slots(1, 0..<5), [1], false),
        (slots(1, 0..<5) + slots(1, 30..<31), slots(1, 0..<5), [1], false),
        ([], slots(1, 0..<5), [1, 2], true),
        (slots(2, 0..<1), [], [2], true),
    ]

    @Test(arguments: cases.indices)
    func findsWhatIsThere(index: Int) {
        let (held, desired, frontends, isComplete) = Self.cases[index]
        let map = Dictionary(uniqueKeysWithValues: held.map { ($0.key, $0) })
        var probe = EndpointProbe(
            count: held.count, desired: desired.map(\.key), frontends: frontends.map(Self.frontend))
        var asked: Set<RegisterBytes> = []
        while !probe.questions.isEmpty {
            for question in probe.questions { #expect(asked.insert(question).inserted, "asked twice") }
            probe.take(probe.questions.compactMap { map[$0] })
        }
        #expect(probe.isComplete == isComplete)
        if isComplete { #expect(Set(probe.found) == Set(held)) }
        #expect(asked.count <= held.count + desired.count + 16 * frontends.count)
    }
}
