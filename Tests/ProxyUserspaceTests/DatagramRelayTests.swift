import CLinux
import Glibc
import Lab
import NetTypes
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct DatagramRelayTests {
    /// A flood to one Service must not keep the others' datagrams waiting.
    @Test func aSocketHandsOverAPartAndIsToldOfAgain() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        try lab.inside(.node) {
            let loopback = IPAddress(127, 0, 0, 1)
            let endpoint = try Socket(.ipv4, .udp)
            try endpoint.bind(AddressPort(loopback, 9053))
            let epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
            defer { close(epoll) }
            let port = SampleService.port(.udp, [AddressPort(loopback, 9053)])
            let key = RouteKey(port.name, port.frontends[0])
            let routes = RouteTable()
            let memory = ServiceMemory()
            routes.set(key, Route(port, port.frontends[0], memory, after: nil))
            var relay = DatagramRelay(epoll: epoll, routes: routes, timeout: 60)
            defer { relay.closeAll() }
            let listener = try RelaySocket.receive()
            relay.add(listener, key, isInside: true)
            let client = try Socket(.ipv4, .udp)
            #expect(client.connect(AddressPort(loopback, RelaySocket.port(listener))) == 0)
            let flood = DatagramRelay.budget * 2 + 5
            for _ in 0..<flood { #expect(send(client.descriptor, "x", 1, 0) == 1) }
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: Stream.Resources.bufferSize)
            defer { buffer.deallocate() }
            var passed: [Int] = []
            var event = epoll_event()
            while epoll_wait(epoll, &event, 1, 0) == 1, Token(rawValue: event.data.u64).kind == .datagrams {
                relay.receive(from: Token(rawValue: event.data.u64).index, buffer, 0)
                var count = 0
                while recv(endpoint.descriptor, buffer, 16, CInt(MSG_DONTWAIT)) == 1 { count += 1 }
                passed.append(count)
            }
            #expect(passed == [DatagramRelay.budget, DatagramRelay.budget, 5])
            #expect(memory.counters.bytesToEndpoints.load(ordering: .relaxed) == UInt64(flood))
            #expect(memory.counters.connections.load(ordering: .relaxed) == 1)
        }
    }
}
