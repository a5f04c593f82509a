import Glibc
import Namespaces
import NetTypes
import PacketFlows
import TestThreads
import Testing

@testable import Nftables

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces")) struct MonitorTests {
    static func isReadable(_ descriptor: CInt) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 1
    }

    @Test func ownChangesWakeNobodyAndOthersAreTold() throws {
        try withNetworkNamespace {
            var session = try NftablesSession()
            var monitor = try NftablesMonitor(ignoring: [session.portID])
            let sample = SampleTable(.ipv4)
            try session.apply(sample.transaction)
            #expect(!Self.isReadable(monitor.descriptor))
            #expect(monitor.drain() == [])

            try NftWitness.run("add table ip6 other")
            try NftWitness.run("add element ip sample ports { 22 }")
            try session.apply(Transaction(sample.id, [.flushChain("odds")]))
            #expect(Self.isReadable(monitor.descriptor))
            var port = RegisterBytes()
            port.append(port: 22)
            #expect(
                monitor.drain() == [
                    .table(TableID(.ipv6, "other")), .element(sample.id, set: "ports", key: port),
                ])
            #expect(!Self.isReadable(monitor.descriptor))
        }
    }

    @Test func tooManyChangesAreUnknown() throws {
        try withNetworkNamespace {
            var monitor = try NftablesMonitor(ignoring: [])
            var session = try NftablesSession()
            let sample = SampleTable(.ipv6)
            try session.apply(sample.transaction)
            let elements = (0..<50_000).map { SetElement(key: sample.service(2, slot: $0), data: sample.endpoint($0)) }
            try session.apply(Transaction(sample.id, [.addElements(set: "endpoints", elements)]))
            #expect(monitor.drain().contains(.unknown))
            // It hears again afterwards.
            try session.apply(Transaction(sample.id, [.flushChain("odds")]))
            #expect(monitor.drain() == [.chain(sample.id, "odds")])
        }
    }
}
