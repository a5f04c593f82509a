import NetTypes
import Netlink
import TestRandom
import Testing

@testable import Nftables

/// Whatever bytes arrive, reading them ends and touches nothing outside them.
@Suite struct NetlinkFuzzTests {

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
        var random = SeededRandom(seed: seed)
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
