import Glibc
import Namespaces
import NetTypes
import TestThreads
import Testing

@testable import Lab

struct EchoConversationTests {
    @Test(arguments: [
        ("", 0), ("\n", 1), ("hello", 0), ("hello\nworld\n", 2), ("GET", 0), ("GET / HTTP/1.1\r\n", 0),
        ("GET / HTTP/1.1\r\n\r\n", 1), ("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n", 2),
        ("GET / HTTP/1.1\r\r\n\r\n", 1), ("GEX\n", 1), ("G\n", 1),
    ])
    func countsCompleteRequests(bytes: String, expected: Int) {
        var whole = EchoConversation()
        #expect(whole.receive(bytes.utf8) == expected)
        var split = EchoConversation()
        #expect(bytes.utf8.reduce(0) { $0 + split.receive(CollectionOfOne($1)) } == expected)
    }
}

struct EchoReplyTests {
    @Test(arguments: ["backend-1 10.1.0.2:8080 from 10.2.0.2:43210", "b [fd00::1]:80 from [fd00:2::2]:9"])
    func textRoundTrips(text: String) {
        #expect(EchoReply(text)?.description == text)
    }

    @Test(arguments: [
        "", "b 10.1.0.2:8080", "b 10.1.0.2:8080 to 10.2.0.2:1", "b 10.1.0.2:8080 from x", " 1.1.1.1:1 from 1.1.1.1:1",
    ])
    func otherTextIsNoReply(text: String) {
        #expect(EchoReply(text) == nil)
    }
}

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: it makes network namespaces"))
struct EchoServerTests {
    static let targets: [IPAddress] = [IPAddress(127, 0, 0, 1), IPAddress(high: 0, low: 1)]

    @Test(arguments: targets, [TransportProtocol.tcp, .udp])
    func answersWithBothEnds(address: IPAddress, proto: TransportProtocol) throws {
        try withNetworkNamespace {
            let echo = try BackgroundEcho(EchoServer(ports: [8080, 8081], name: "backend-1"))
            let source = AddressPort(address, 40000)
            for port in [UInt16(8080), 8081] {
                let target = AddressPort(address, port)
                let outcome = ProbeRunner.run([Probe(proto, target, from: source, timeout: .seconds(5))])
                #expect(outcome == [.reply(EchoReply(backend: "backend-1", local: target, peer: source))])
            }
            _ = consume echo
        }
    }

    @Test func datagramsAreAnsweredFromTheAddressTheyWereSentTo() throws {
        try withNetworkNamespace {
            let echo = try BackgroundEcho(EchoServer(ports: [53], name: "b"))
            let target = AddressPort(IPAddress(127, 7, 7, 7), 53)
            let outcome = ProbeRunner.run([Probe(.udp, target, timeout: .seconds(5))])
            #expect(outcome.first?.backend == "b")
            _ = consume echo
        }
    }

    @Test(arguments: [TransportProtocol.tcp, .udp]) func aClosedPortRefuses(proto: TransportProtocol) throws {
        let outcomes = try withNetworkNamespace {
            ProbeRunner.run(Self.targets.map { Probe(proto, AddressPort($0, 9), timeout: .seconds(5)) })
        }
        #expect(outcomes == [.refused, .refused])
    }

    @Test func aMissingRouteIsNamed() throws {
        let outcomes = try withNetworkNamespace {
            ProbeRunner.run([Probe(.tcp, AddressPort(IPAddress(192, 0, 2, 1), 9))])
        }
        #expect(outcomes == [.failed(ENETUNREACH)])
    }

    @Test func manyRequestsAreCounted() throws {
        let summary = try withNetworkNamespace {
            let echo = try BackgroundEcho(EchoServer(ports: [80], name: "b"))
            let probe = Probe(.tcp, AddressPort(IPAddress(127, 0, 0, 1), 80), timeout: .seconds(20))
            let summary = RequestSummary.request(probe, count: 2000)
            _ = consume echo
            return summary
        }
        #expect(summary.perBackend == ["b": 2000])
        #expect(summary.peers == [IPAddress(127, 0, 0, 1)])
        #expect("\(summary)" == "b 2000\nseen as 127.0.0.1")
    }
}
