import Testing

@testable import Telemetry

@Suite struct SocketOwnerTests {
    /// As /proc/net/tcp has them: a listener, both ends of one connection, another user's, one that is closing.
    static let lines = [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "   0: 0100007F:2809 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0 100 0 0 10 0",
        "   1: 0100007F:C350 0100007F:2809 01 00000000:00000000 00:00000000 00000000     0        0 101 1 0 20 4 30 10 -1",
        "   2: 0100007F:2809 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0 20 4 30 10 -1",
        "   3: 0100007F:C351 0100007F:2809 01 00000000:00000000 00:00000000 00000000  1000        0 103 1 0 20 4 30 10 -1",
        "   4: 0100007F:C352 0100007F:2809 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0 20 4 30 10 -1",
        "   5: broken",
    ]

    @Test(arguments: [(50000, [0]), (50001, [1000]), (50002, []), (1, [])] as [(UInt16, [UInt32])])
    func findsTheClientsUser(port: UInt16, owners: [UInt32]) {
        #expect(SocketOwner.owners(of: .init(client: port, server: 10249), in: Self.lines) == owners)
    }

    @Test func nobodyIsNotRoot() {
        #expect(!SocketOwner.isRoot(.init(client: 0, server: 10249)))
        #expect(!SocketOwner.isRoot(.init(client: 9, server: 9)))
    }
}
