import NetTypes
import Testing

@testable import Nftables

/// Messages as nft 1.0.6 sends them (seen with `nft --debug=mnl`), a line for each header and attribute.
@Suite struct GoldenBytesTests {
    static let table = TableID(.ipv4, "t")

    /// The messages of a transaction without the batch's begin and end.
    static func messages(_ operations: Operation...) -> [[UInt8]] {
        let bytes = BatchEncoder(Transaction(table, operations), firstSequence: 1).writer.bytes
        var messages: [[UInt8]] = []
        var offset = 0
        while offset + 4 <= bytes.count {
            let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
            messages.append(Array(bytes[offset..<offset + length]))
            offset += (length + 3) & ~3
        }
        return Array(messages.dropFirst().dropLast())
    }

    @Test func aBatchBeginsAndEnds() {
        let bytes = BatchEncoder(Transaction(Self.table, [.deleteTable]), firstSequence: 7).writer.bytes
        #expect(
            Array(bytes.prefix(20)) == [
                0x14, 0, 0, 0, 0x10, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0,  // NFNL_MSG_BATCH_BEGIN, sequence 7
                0, 0, 0, 10,  // nfgenmsg: unspecified, version 0, subsystem nftables
            ])
        #expect(
            Array(bytes.suffix(20)) == [
                0x14, 0, 0, 0, 0x11, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0,  // NFNL_MSG_BATCH_END, sequence 9
                0, 0, 0, 10,
            ])
    }

    @Test func aTable() {
        #expect(
            Self.messages(.addTable(comment: "tab com"))
                == [
                    [
                        0x34, 0, 0, 0, 0, 10, 5, 4, 2, 0, 0, 0, 0, 0, 0, 0,  // NEWTABLE, request|ack|create
                        2, 0, 0, 0,  // ip
                        6, 0, 1, 0, 0x74, 0, 0, 0,  // name "t"
                        8, 0, 2, 0, 0, 0, 0, 0,  // flags 0
                        14, 0, 6, 0, 0, 8, 0x74, 0x61, 0x62, 0x20, 0x63, 0x6f, 0x6d, 0, 0, 0,  // user data: comment
                    ]
                ].map { expected in Self.withoutFlagsIfAbsent(expected, Self.messages(.addTable(comment: "tab com"))) })
    }

    /// libnftnl leaves out flags that were not set; nft sets them to 0. Both mean the same.
    static func withoutFlagsIfAbsent(_ expected: [UInt8], _ actual: [[UInt8]]) -> [UInt8] {
        guard actual.first?.count == expected.count - 8 else { return expected }
        var copy = expected
        copy.removeSubrange(28..<36)
        copy[0] -= 8
        return copy
    }

    @Test func aMapElement() {
        var key = RegisterBytes()
        key.append(IPAddress(10, 96, 0, 1))
        key.append(.tcp)
        key.append(port: 80)
        key.append(hostOrder: 1)
        var data = RegisterBytes()
        data.append(IPAddress(10, 0, 0, 1))
        data.append(port: 8080)
        #expect(
            Self.messages(.addElements(set: "eps", [SetElement(key: key, data: .bytes(data), comment: "c")])) == [
                [
                    0x5c, 0, 0, 0, 12, 10, 5, 4, 2, 0, 0, 0, 0, 0, 0, 0,  // NEWSETELEM, request|ack|create
                    2, 0, 0, 0,  // ip
                    6, 0, 1, 0, 0x74, 0, 0, 0,  // table "t"
                    8, 0, 2, 0, 0x65, 0x70, 0x73, 0,  // set "eps"
                    56, 0, 3, 0x80,  // elements
                    52, 0, 1, 0x80,  // an element
                    24, 0, 1, 0x80,  // key
                    20, 0, 1, 0, 10, 96, 0, 1, 6, 0, 0, 0, 0, 80, 0, 0, 1, 0, 0, 0,  // 10.96.0.1 . tcp . 80 . 1
                    16, 0, 2, 0x80,  // data
                    12, 0, 1, 0, 10, 0, 0, 1, 0x1f, 0x90, 0, 0,  // 10.0.0.1 . 8080
                    8, 0, 6, 0, 0, 2, 0x63, 0,  // user data: comment "c"
                ]
            ])
    }

    @Test func transparentProxying() throws {
        let rule = Rule(.socketIsTransparent, .tproxy(port: 8080))
        let message = try #require(Self.messages(.addRules(chain: "c", [rule])).first)
        func contains(_ bytes: [UInt8]) -> Bool {
            message.indices.contains { Array(message[$0...].prefix(bytes.count)) == bytes }
        }
        #expect(
            contains([
                36, 0, 1, 0x80,  // an expression
                11, 0, 1, 0, 0x73, 0x6f, 0x63, 0x6b, 0x65, 0x74, 0, 0,  // "socket"
                20, 0, 2, 0x80,
                8, 0, 1, 0, 0, 0, 0, 0,  // NFTA_SOCKET_KEY: NFT_SOCKET_TRANSPARENT
                8, 0, 2, 0, 0, 0, 0, 1,  // NFTA_SOCKET_DREG: register 1
            ]))
        #expect(
            contains([
                44, 0, 1, 0x80,  // an expression
                14, 0, 1, 0, 0x69, 0x6d, 0x6d, 0x65, 0x64, 0x69, 0x61, 0x74, 0x65, 0, 0, 0,  // "immediate"
                24, 0, 2, 0x80,
                8, 0, 1, 0, 0, 0, 0, 1,  // NFTA_IMMEDIATE_DREG: register 1
                12, 0, 2, 0x80,  // NFTA_IMMEDIATE_DATA
                6, 0, 1, 0, 0x1f, 0x90, 0, 0,  // 8080
            ]))
        #expect(
            contains([
                36, 0, 1, 0x80,  // an expression
                11, 0, 1, 0, 0x74, 0x70, 0x72, 0x6f, 0x78, 0x79, 0, 0,  // "tproxy"
                20, 0, 2, 0x80,
                8, 0, 1, 0, 0, 0, 0, 2,  // NFTA_TPROXY_FAMILY: NFPROTO_IPV4
                8, 0, 3, 0, 0, 0, 0, 1,  // NFTA_TPROXY_REG_PORT: register 1
            ]))
    }

    @Test func aVerdictElement() {
        var key = RegisterBytes()
        key.append(IPAddress(10, 0, 0, 1))
        #expect(
            Self.messages(.addElements(set: "m", [SetElement(key: key, data: .verdict(.goto("d")))]))
                == [
                    [
                        0x54, 0, 0, 0, 12, 10, 5, 4, 2, 0, 0, 0, 0, 0, 0, 0,
                        2, 0, 0, 0,
                        6, 0, 1, 0, 0x74, 0, 0, 0,  // table "t"
                        6, 0, 2, 0, 0x6d, 0, 0, 0,  // set "m"
                        44, 0, 3, 0x80,  // elements
                        40, 0, 1, 0x80,  // an element
                        12, 0, 1, 0x80,  // key
                        8, 0, 1, 0, 10, 0, 0, 1,  // 10.0.0.1
                        24, 0, 2, 0x80,  // data
                        20, 0, 2, 0x80,  // a verdict
                        8, 0, 1, 0, 0xff, 0xff, 0xff, 0xfc,  // NFT_GOTO (-4)
                        6, 0, 2, 0, 0x64, 0, 0, 0,  // chain "d"
                    ]
                ].map { Self.withLength($0) })
    }

    /// The header's length from the bytes themselves, where counting by hand adds nothing.
    static func withLength(_ bytes: [UInt8]) -> [UInt8] {
        var copy = bytes
        copy[0] = UInt8(bytes.count)
        return copy
    }

    @Test func aMapWithTypes() throws {
        let spec = SetSpec(
            "eps", key: [.destinationAddress, .l4proto, .destinationPort, .random(modulus: 2)],
            data: .selectors([.destinationAddress, .destinationPort]), comment: "hello")
        let message = try #require(Self.messages(.addSet(spec)).first)
        let userData: [UInt8] = [
            0, 4, 0, 0, 0, 0,  // key byte order: none
            1, 4, 0, 0, 0, 0,  // data byte order: none
            3, 0x60, 0, 4, 13, 0, 0, 0, 1, 0x58,  // typeof key: a concatenation
            0, 0x14, 0, 4, 7, 0, 0, 0, 1, 0x0c, 0, 4, 12, 0, 0, 0, 1, 4, 12, 0, 0, 0,  // payload ip daddr
            1, 0x0e, 0, 4, 9, 0, 0, 0, 1, 6, 0, 4, 16, 0, 0, 0,  // meta l4proto
            2, 0x14, 0, 4, 7, 0, 0, 0, 1, 0x0c, 0, 4, 11, 0, 0, 0, 1, 4, 2, 0, 0, 0,  // payload th dport
            3, 0x1a, 0, 4, 23, 0, 0, 0, 1, 0x12, 0, 4, 1, 0, 0, 0, 1, 4, 2, 0, 0, 0, 2, 4, 0, 0, 0, 0,  // numgen
            4, 0x34, 0, 4, 13, 0, 0, 0, 1, 0x2c,  // typeof data: a concatenation
            0, 0x14, 0, 4, 7, 0, 0, 0, 1, 0x0c, 0, 4, 12, 0, 0, 0, 1, 4, 12, 0, 0, 0,  // payload ip daddr
            1, 0x14, 0, 4, 7, 0, 0, 0, 1, 0x0c, 0, 4, 11, 0, 0, 0, 1, 4, 2, 0, 0, 0,  // payload th dport
            6, 4, 0, 0, 0, 0,  // data is no interval
            7, 6, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0,  // comment "hello"
        ]
        let tail = Array(message.suffix((userData.count + 3) & ~3))
        #expect(Array(tail.prefix(userData.count)) == userData)
        let keyType: [UInt8] = [8, 0, 4, 0, 0, 0x1c, 0xc3, 0x44]  // ipv4_addr . inet_proto . inet_service . integer
        #expect(message.indices.contains { Array(message[$0...].prefix(8)) == keyType })
    }
}
