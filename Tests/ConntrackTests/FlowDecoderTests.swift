import NetTypes
import Netlink
import TestRandom
import Testing

@testable import Conntrack

struct FlowDecoderTests {
    private func decode(_ bytes: [UInt8]) -> [Flow] {
        var flows: [Flow] = []
        bytes.withUnsafeBytes { raw in
            NetlinkMessage.forEach(in: raw) { message in
                if let flow = Flow(message) { flows.append(flow) }
                return true
            }
        }
        return flows
    }

    @Test func aTranslatedTCPFlow() throws {
        let flow = try #require(decode(RecordedFlows.tcp).first)
        let client = IPAddress(10, 2, 0, 1)
        #expect(
            flow.original
                == FlowTuple(
                    source: client, destination: IPAddress(10, 96, 0, 10), proto: 6, sourcePort: 43210,
                    destinationPort: 80))
        #expect(
            flow.reply
                == FlowTuple(
                    source: IPAddress(127, 0, 0, 1), destination: client, proto: 6, sourcePort: 8080,
                    destinationPort: 43210))
        #expect(flow.proto == .tcp)
        #expect(flow.family == .ipv4)
        #expect(flow.endpoint == AddressPort(IPAddress(127, 0, 0, 1), 8080))
        #expect(flow.tcpState == .established)
        #expect(flow.status.isSuperset(of: [.seenReply, .assured, .confirmed, .destinationTranslated]))
        #expect(!flow.status.contains(.sourceTranslated))
        #expect(flow.id == 0x9ddb_c936)
        #expect(flow.zone == 0)
        #expect(flow.mark == 0)
    }

    @Test func anUnansweredUDPFlow() throws {
        let flow = try #require(decode(RecordedFlows.udp).first)
        #expect(flow.family == .ipv6)
        #expect(flow.proto == .udp)
        #expect(flow.original.destination == IPAddress("fd00:96::a"))
        #expect(flow.original.destinationPort == 53)
        #expect(flow.endpoint == AddressPort(IPAddress(high: 0, low: 1), 5353))
        #expect(!flow.status.contains(.seenReply))
        #expect(flow.tcpState == nil)
    }

    @Test func otherProtocolsHaveNoPorts() throws {
        let flow = try #require(decode(RecordedFlows.icmp).first)
        #expect(flow.proto == nil)
        #expect(flow.original.proto == 1)
        #expect(flow.original.sourcePort == 0)
    }

    @Test func severalMessagesInOneRead() {
        #expect(decode(RecordedFlows.tcp + RecordedFlows.udp + RecordedFlows.icmp).count == 3)
    }

    @Test func everyTruncationIsHarmless() {
        for whole in [RecordedFlows.tcp, RecordedFlows.udp, RecordedFlows.icmp] {
            for length in 0..<whole.count { #expect(decode(Array(whole.prefix(length))).isEmpty) }
        }
    }

    /// A message whose own length says that it ends early is decoded as far as it goes.
    @Test func everyShortLengthIsHarmless() {
        for whole in [RecordedFlows.tcp, RecordedFlows.udp] {
            for length in 0..<whole.count {
                var bytes = whole
                bytes[0] = UInt8(truncatingIfNeeded: length)
                bytes[1] = 0
                #expect(decode(bytes).count <= 1)
            }
        }
    }

    @Test(arguments: 1...20) func damagedMessagesAreHarmless(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            var bytes = [RecordedFlows.tcp, RecordedFlows.udp, RecordedFlows.icmp][Int(random.next() % 3)]
            for _ in 0...(random.next() % 8) {
                bytes[16 + Int(random.next() % UInt64(bytes.count - 16))] = UInt8(truncatingIfNeeded: random.next())
            }
            for flow in decode(bytes) {
                #expect(flow.tcpState == nil || TCPState.allCases.contains { $0 == flow.tcpState })
            }
        }
    }
}
