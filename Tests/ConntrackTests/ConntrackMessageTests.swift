import NetTypes
import Netlink
import Testing

@testable import Conntrack

/// Each expected text has a line per header and attribute: nlmsghdr (length, type, flags, sequence, port), nfgenmsg, then
/// what nfnetlink_conntrack.h names.
struct ConntrackMessageTests {
    private let tcp = Flow(
        original: FlowTuple(
            source: IPAddress(10, 2, 0, 1), destination: IPAddress(10, 96, 0, 10), proto: 6, sourcePort: 43210,
            destinationPort: 80),
        reply: FlowTuple(
            source: IPAddress(10, 1, 0, 2), destination: IPAddress(10, 2, 0, 1), proto: 6, sourcePort: 8080,
            destinationPort: 43210),
        zone: 7, id: 0x9ddb_c936)

    private func delete(_ flow: Flow) -> [UInt8] {
        var writer = NetlinkWriter()
        ConntrackMessage.delete(flow, sequence: 5, into: &writer)
        return writer.bytes
    }

    @Test func deletionNamesTupleZoneAndId() {
        let expected = RecordedFlows.bytes(
            """
            58000000 0201 0500 05000000 00000000
            02000000
            34000180
            14000180 080001000a020001 080002000a60000a
            1c000280 0500010006000000 06000200a8ca0000 0600030000500000
            0600120000070000
            08000c009ddbc936
            """)
        #expect(delete(tcp) == expected)
    }

    @Test func anIPv6DeletionHasLongAddressesAndNothingUnknown() {
        let one = IPAddress(high: 0, low: 1)
        let tuple = FlowTuple(source: one, destination: one, proto: 17, sourcePort: 1, destinationPort: 2)
        let expected = RecordedFlows.bytes(
            """
            60000000 0201 0500 05000000 00000000
            0a000000
            4c000180
            2c000180 1400030000000000000000000000000000000001 1400040000000000000000000000000000000001
            1c000280 0500010011000000 0600020000010000 0600030000020000
            """)
        #expect(delete(Flow(original: tuple, reply: tuple)) == expected)
    }

    @Test func aPlainDumpIsAHeaderOnly() {
        let bytes = ConntrackMessage.dump(FlowFilter(), family: nil, sequence: 9)
        #expect(bytes == RecordedFlows.bytes("14000000 0101 0103 09000000 00000000 00000000"))
    }

    @Test func aFilteredDumpSaysWhichPartsCount() {
        let filter = FlowFilter(
            proto: .udp, destination: IPAddress(10, 96, 0, 10), destinationPort: 53, cleared: .seenReply)
        let bytes = ConntrackMessage.dump(filter, family: .ipv4, sequence: 9)
        let expected = RecordedFlows.bytes(
            """
            54000000 0101 0103 09000000 00000000
            02000000
            0800030000000000 08001a0000000002
            24000180 0c000180 080002000a60000a 14000280 0500010011000000 0600030000350000
            0c001980 080001002a000000
            """)
        #expect(bytes == expected)
        let unfiltered = ConntrackMessage.dump(filter, family: .ipv4, sequence: 9, isFiltered: false)
        #expect(unfiltered == RecordedFlows.bytes("14000000 0101 0103 09000000 00000000 02000000"))
    }

    @Test func theFilterDecidesAloneWhenTheKernelCannot() {
        #expect(FlowFilter().matches(tcp))
        #expect(FlowFilter(family: .ipv4, proto: .tcp, destination: tcp.original.destination).matches(tcp))
        #expect(!FlowFilter(proto: .udp).matches(tcp))
        #expect(!FlowFilter(family: .ipv6).matches(tcp))
        #expect(!FlowFilter(destination: tcp.original.source).matches(tcp))
        #expect(FlowFilter(destinationPort: 80, cleared: .seenReply).matches(tcp))
        #expect(!FlowFilter(destinationPort: 81).matches(tcp))
        #expect(!FlowFilter(set: .seenReply).matches(tcp))
    }
}
