import Glibc
import NetTypes
import Netlink
import Testing

@testable import IPVS

/// The bytes that IPVS messages are made of, as linux/ip_vs.h and ipvsadm have them.
@Suite struct IPVSMessageTests {
    private let key = VirtualServer.Key(AddressPort(IPAddress(10, 96, 0, 10), 53), .udp)

    @Test func aVirtualServer() throws {
        var batch = IPVSBatch(family: 0x24)
        try batch.append(.addServer(VirtualServer(key, scheduler: "rr", persistence: 10800)), 7)
        #expect(
            batch.bytes == [
                0x68, 0, 0, 0, 0x24, 0, 0x05, 0, 7, 0, 0, 0, 0, 0, 0, 0,  // length, family, request and ack, sequence
                1, 1, 0, 0,  // IPVS_CMD_NEW_SERVICE, version 1
                0x54, 0, 0x01, 0x80,  // IPVS_CMD_ATTR_SERVICE, nested
                6, 0, 1, 0, 2, 0, 0, 0,  // AF_INET
                6, 0, 2, 0, 17, 0, 0, 0,  // UDP
                20, 0, 3, 0, 10, 96, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // address, padded to 16 bytes
                6, 0, 4, 0, 0, 53, 0, 0,  // port, in network order
                7, 0, 6, 0, 0x72, 0x72, 0, 0,  // rr
                12, 0, 7, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,  // persistent; every flag counts
                8, 0, 8, 0, 0x30, 0x2a, 0, 0,  // seconds
                8, 0, 9, 0, 0xff, 0xff, 0xff, 0xff,  // each client for itself
            ])
    }

    @Test func aDestination() throws {
        var batch = IPVSBatch(family: 0x24)
        try batch.append(.addDestination(key, Destination(AddressPort(IPAddress(10, 1, 0, 2), 8080), weight: 3)), 8)
        #expect(
            batch.bytes == [
                0x8c, 0, 0, 0, 0x24, 0, 0x05, 0, 8, 0, 0, 0, 0, 0, 0, 0,  // length, family, request and ack, sequence
                5, 1, 0, 0,  // IPVS_CMD_NEW_DEST
                0x30, 0, 0x01, 0x80,  // IPVS_CMD_ATTR_SERVICE
                6, 0, 1, 0, 2, 0, 0, 0, 6, 0, 2, 0, 17, 0, 0, 0,  // AF_INET, UDP
                20, 0, 3, 0, 10, 96, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 4, 0, 0, 53, 0, 0,
                0x48, 0, 0x02, 0x80,  // IPVS_CMD_ATTR_DEST
                20, 0, 1, 0, 10, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // address
                6, 0, 2, 0, 0x1f, 0x90, 0, 0,  // port
                8, 0, 3, 0, 0, 0, 0, 0,  // masquerading
                8, 0, 4, 0, 3, 0, 0, 0,  // weight
                8, 0, 5, 0, 0, 0, 0, 0, 8, 0, 6, 0, 0, 0, 0, 0,  // no thresholds
                6, 0, 11, 0, 2, 0, 0, 0,  // AF_INET
            ])
    }

    @Test func aVirtualServerOfAMark() throws {
        var batch = IPVSBatch(family: 0x24)
        try batch.append(.deleteServer(.mark(0x4900_0102, .ipv6)), 9)
        #expect(
            batch.bytes == [
                0x28, 0, 0, 0, 0x24, 0, 0x05, 0, 9, 0, 0, 0, 0, 0, 0, 0,  // length, family, request and ack, sequence
                3, 1, 0, 0,  // IPVS_CMD_DEL_SERVICE
                0x14, 0, 0x01, 0x80,  // IPVS_CMD_ATTR_SERVICE
                6, 0, 1, 0, 10, 0, 0, 0,  // AF_INET6
                8, 0, 5, 0, 0x02, 0x01, 0, 0x49,  // the mark, in the host's order
            ])
        #expect("\(VirtualServer.Key.mark(17, .ipv6))" == "-f 17 -6")
        #expect(key < .mark(0, .ipv4))
    }

    @Test func manyMessagesFollowOneAnother() throws {
        var batch = IPVSBatch(family: 0x24)
        try batch.listServers(1)
        try batch.setTimeouts(IPVSTimeouts(tcp: 900, tcpFin: 120), 2)
        #expect(
            batch.bytes == [
                0x14, 0, 0, 0, 0x24, 0, 0x01, 3, 1, 0, 0, 0, 0, 0, 0, 0,  // length, family, request and dump, sequence
                4, 1, 0, 0,  // IPVS_CMD_GET_SERVICE
                0x2c, 0, 0, 0, 0x24, 0, 0x05, 0, 2, 0, 0, 0, 0, 0, 0, 0,  // length, family, request and ack, sequence
                12, 1, 0, 0,  // IPVS_CMD_SET_CONFIG
                8, 0, 4, 0, 0x84, 3, 0, 0,  // TCP
                8, 0, 5, 0, 120, 0, 0, 0,  // after a FIN
                8, 0, 6, 0, 0, 0, 0, 0,  // UDP, which stays
            ])
    }

    @Test func whatDoesNotFitIsAnError() {
        var batch = IPVSBatch(family: 0x24)
        let scheduler = String(repeating: "r", count: 2000)
        let refused = #expect(throws: NetlinkError.self) {
            try batch.append(.addServer(VirtualServer(key, scheduler: scheduler)), 1)
        }
        #expect(refused?.code == EMSGSIZE)
        #expect(batch.bytes.isEmpty)
    }

    @Test func operationsReadAsTheToolTakesThem() {
        let hashed = VirtualServer(
            VirtualServer.Key(AddressPort(IPAddress(10, 96, 0, 1), 443), .tcp), scheduler: "mh",
            flags: [.fallback, .hashesPort], persistence: 60)
        #expect(
            "\(IPVSOperation.addServer(hashed))" == "-A -t 10.96.0.1:443 -s mh -p 60 -b mh-fallback,mh-port")
        #expect(
            "\(IPVSOperation.deleteDestination(key, AddressPort(IPAddress(10, 1, 0, 2), 53)))"
                == "-d -u 10.96.0.10:53 -r 10.1.0.2:53")
    }
}
