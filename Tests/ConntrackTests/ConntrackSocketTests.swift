import Glibc
import Namespaces
import NetTypes
import Netlink
import TestThreads
import Testing

@testable import Conntrack

/// Real flows over the loopback of a namespace whose firewall looks at connection states, which turns tracking on.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: it makes network namespaces"),
    .enabled(if: access("/usr/sbin/nft", X_OK) == 0, "needs nft to turn connection tracking on"))
struct ConntrackSocketTests {
    private static let rules =
        "add table inet t; add chain inet t c { type filter hook output priority 0; }; "
        + "add rule inet t c ct state new counter"

    private func tracked<Value>(_ body: () throws -> Value) throws -> Value {
        try withNetworkNamespace {
            let namespace = try NetworkNamespace.current()
            let pid = try namespace.spawn("/usr/sbin/nft", [Self.rules])
            var status: CInt = 0
            waitpid(pid, &status, 0)
            try #require(status == 0)
            return try body()
        }
    }

    /// A datagram from each of `count` ports on 127.0.0.1 or ::1 to `port`, which need not be open.
    private func send(_ count: Int, to port: UInt16, _ family: IPFamily = .ipv4) throws {
        // All are open at the same time, so that no port is used twice.
        var sockets: [CInt] = []
        defer { for socket in sockets { close(socket) } }
        for _ in 0..<count {
            let descriptor = socket(family == .ipv4 ? AF_INET : AF_INET6, CInt(SOCK_DGRAM.rawValue), 0)
            try #require(descriptor >= 0)
            sockets.append(descriptor)
            let sent = withLoopback(port, family) { sendto(descriptor, "x", 1, 0, $0, $1) }
            try #require(sent == 1)
        }
    }

    private func withLoopback<Value>(
        _ port: UInt16, _ family: IPFamily, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var storage = sockaddr_storage()
        return withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(of: sa_family_t(family == .ipv4 ? AF_INET : AF_INET6), as: sa_family_t.self)
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            let address = family == .ipv4 ? IPAddress(127, 0, 0, 1) : IPAddress(high: 0, low: 1)
            address.write(to: UnsafeMutableRawBufferPointer(rebasing: bytes[(family == .ipv4 ? 4 : 8)...]))
            return bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                guard let pointer = rebound.baseAddress else { preconditionFailure("a storage has an address") }
                return body(UnsafePointer(pointer), socklen_t(family == .ipv4 ? 16 : 28))
            }
        }
    }

    private func flows(_ filter: FlowFilter = FlowFilter()) throws -> [Flow] {
        var conntrack = try ConntrackSocket()
        var flows: [Flow] = []
        try conntrack.forEach(filter) { flows.append($0) }
        return flows
    }

    @Test func listsWhatIsTracked() throws {
        let (all, six, port, none) = try tracked {
            try send(2, to: 53)
            try send(1, to: 54)
            try send(1, to: 53, .ipv6)
            return (
                try flows(FlowFilter(proto: .udp)), try flows(FlowFilter(family: .ipv6, proto: .udp)),
                try flows(FlowFilter(proto: .udp, destinationPort: 53)), try flows(FlowFilter(proto: .sctp))
            )
        }
        #expect(all.count == 4)
        #expect(all.allSatisfy { $0.id != 0 && !$0.status.contains(.seenReply) })
        #expect(six.map(\.original.destination) == [IPAddress(high: 0, low: 1)])
        #expect(port.count == 3)
        #expect(none.isEmpty)
    }

    @Test func theKernelFiltersByItself() throws {
        let counts = try tracked {
            try send(5, to: 53)
            try send(3, to: 54)
            let filters = [
                FlowFilter(family: .ipv4), FlowFilter(family: .ipv4, proto: .udp, destinationPort: 54),
                FlowFilter(proto: .udp, destination: IPAddress(127, 0, 0, 1)), FlowFilter(family: .ipv4, proto: .tcp),
                FlowFilter(family: .ipv4, set: .seenReply), FlowFilter(family: .ipv4, proto: .udp, cleared: .seenReply),
            ]
            return try filters.map { filter in
                var socket = try NetlinkSocket(.netfilter)
                let sequence = socket.nextSequence()
                let bytes = ConntrackMessage.dump(filter, family: filter.family, sequence: sequence)
                var count = 0
                try socket.dump(bytes, sequence: sequence, operation: "list") { message in
                    if Flow(message)?.proto == .udp { count += 1 }
                }
                return count
            }
        }
        #expect(counts == [8, 3, 8, 0, 0, 8])
    }

    @Test func deletesOneFlowOnce() throws {
        try tracked {
            try send(2, to: 53)
            var conntrack = try ConntrackSocket()
            let flow = try #require(try flows(FlowFilter(proto: .udp)).first)
            #expect(try conntrack.delete(flow))
            #expect(try !conntrack.delete(flow))
            #expect(try flows(FlowFilter(proto: .udp)).count == 1)
        }
    }

    @Test func aLaterFlowWithTheSameTupleIsSafe() throws {
        try tracked {
            try send(1, to: 53)
            var conntrack = try ConntrackSocket()
            let flow = try #require(try flows(FlowFilter(proto: .udp)).first)
            let earlier = Flow(original: flow.original, reply: flow.reply, id: flow.id ^ 1)
            #expect(try !conntrack.delete(earlier))
            #expect(try flows(FlowFilter(proto: .udp)) == [flow])
        }
    }

    @Test func deletesManyByPredicate() throws {
        try tracked {
            try send(300, to: 53)
            try send(200, to: 53, .ipv6)
            try send(10, to: 54)
            var conntrack = try ConntrackSocket()
            let deleted = try conntrack.deleteAll(FlowFilter(proto: .udp)) { $0.endpoint.port == 53 }
            #expect(deleted == 500)
            #expect(try flows(FlowFilter(proto: .udp)).count == 10)
            #expect(try conntrack.deleteAll { _ in false } == 0)
            #expect(try conntrack.deleteAll(FlowFilter(family: .ipv4)) { _ in true } >= 10)
            #expect(try flows(FlowFilter(proto: .udp)).isEmpty)
        }
    }

    @Test func followsATCPConnection() throws {
        let states = try tracked {
            let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer {
                close(server)
                close(client)
            }
            try #require(withLoopback(8080, .ipv4) { bind(server, $0, $1) } == 0)
            try #require(listen(server, 1) == 0)
            try #require(withLoopback(8080, .ipv4) { connect(client, $0, $1) } == 0)
            let before = try flows(FlowFilter(proto: .tcp, destinationPort: 8080))
            shutdown(client, CInt(SHUT_WR))
            return before + (try flows(FlowFilter(proto: .tcp, destinationPort: 8080)))
        }
        #expect(states.count == 2)
        #expect(states.first?.tcpState == .established)
        #expect(states.first?.status.contains(.seenReply) == true)
        #expect([.finWait, .closeWait].contains(states.last?.tcpState))
    }
}
