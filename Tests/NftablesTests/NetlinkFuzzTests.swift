import Netlink
import NetTypes
import Testing

@testable import Nftables

/// Whatever bytes arrive, reading them ends and touches nothing outside them.
@Suite struct NetlinkFuzzTests {
    struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    /// A batch with every kind of message, to be damaged.
    static let sample: [UInt8] = {
        var key = RegisterBytes()
        key.append(IPAddress(10, 96, 0, 1))
        let element = SetElement(key: key, data: .verdict(.goto("d")), comment: "c")
        return BatchEncoder(
            Transaction(
                TableID(.ipv4, "t"),
                [
                    .addTable(comment: "x"), .addSet(SetSpec("s", key: [.destinationAddress], data: .verdict)),
                    .addChain(Chain("d")), .addRules(chain: "d", [Rule(.verdict(.drop))]),
                    .addElements(set: "s", [element]),
                ]), firstSequence: 1
        ).writer.bytes
    }()

    @Test(arguments: 0..<8)
    func damagedBytesAreRead(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<2000 {
            var bytes = Self.sample
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let seen = bytes.withUnsafeBytes { Self.walk($0) }
            #expect(seen <= bytes.count * 4)
        }
    }

    /// Reads everything there is to read; returns how many pieces there were.
    static func walk(_ bytes: UnsafeRawBufferPointer) -> Int {
        var pieces = 0
        NetlinkMessage.forEach(in: bytes) { message in
            pieces += 1
            _ = ObservedSet(message)
            _ = ObservedChain(message, in: TableID(.ipv4, "t"))
            for attribute in message.attributes(after: 4) {
                pieces += 1
                _ = (attribute.string, attribute.uint8, attribute.uint16, attribute.uint32, attribute.uint64)
                for item in attribute.nested {
                    pieces += 1
                    _ = SetElement(item.nested)
                }
            }
            return true
        }
        return pieces
    }
}
