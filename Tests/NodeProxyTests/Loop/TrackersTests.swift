import KubeAPI
import NetTypes
import ProxyCore
import Testing

@testable import NodeProxy

@Suite struct TrackersTests {
    static let settings = ProxySettings(nodeName: "n1")

    static func service(_ name: String) -> Service {
        var service = Service(
            metadata: ObjectMeta(name: name, namespace: "ns", creationTimestamp: "2026-01-01T00:00:00Z"))
        service.spec.clusterIPs = [IPAddress(10, 96, 0, UInt8(name.utf8.last ?? 1))]
        service.spec.ports = [Service.Port(port: 80)]
        return service
    }

    @Test func isSyncedOnceServicesAndSlicesAreListed() {
        var trackers = Trackers(settings: Self.settings)
        for kind in [ObjectKind.service, .endpointSlice] {
            #expect(!trackers.isSynced)
            trackers.stage(.listBegins(kind))
            trackers.stage(.listEnds(kind))
        }
        #expect(trackers.isSynced)
    }

    @Test func aListRemovesWhatItDoesNotMention() {
        var trackers = Trackers(settings: Self.settings)
        trackers.stage(.listBegins(.service))
        for name in ["a", "b", "c"] { trackers.stage(.service(Self.service(name))) }
        trackers.stage(.listEnds(.service))
        _ = trackers.settle()
        trackers.stage(.listBegins(.service))
        trackers.stage(.service(Self.service("a")))
        // Unreadable now: what was good before stays.
        trackers.stage(.malformed(.service, NamespacedName(namespace: "ns", name: "b"), reason: "x"))
        trackers.stage(.listEnds(.service))
        let gone = trackers.settle().servicePorts.filter { $0.new == nil }.compactMap { $0.name?.service.name }
        #expect(gone == ["c"])
        #expect(trackers.state.counts.services == 2)
    }

    @Test func aListThatBeginsAgainStartsOver() {
        var trackers = Trackers(settings: Self.settings)
        trackers.stage(.service(Self.service("a")))
        trackers.stage(.listBegins(.service))
        trackers.stage(.service(Self.service("a")))
        trackers.stage(.listBegins(.service))
        trackers.stage(.listEnds(.service))
        _ = trackers.settle()
        #expect(trackers.state.counts.services == 0)
    }

    @Test func anotherNodesDeletionIsNotOurs() {
        var trackers = Trackers(settings: Self.settings)
        trackers.stage(.node(Node(metadata: ObjectMeta(name: "n1"))))
        trackers.stage(.deleted(.node, NamespacedName(namespace: "", name: "n2")))
        #expect(trackers.node != nil)
        trackers.stage(.deleted(.node, NamespacedName(namespace: "", name: "n1")))
        #expect(trackers.node == nil)
    }
}

@Suite struct NodeFactsBuilderTests {
    static let local = ["10.2.0.1", "10.2.0.2", "127.0.0.1", "169.254.1.1", "fd00::1", "fe80::1", "::1"].compactMap {
        IPAddress($0)
    }.map { ProxyInput.LocalAddress(address: $0, interface: "eth0") }

    static func builder(_ cidrs: [String]?, node: Node? = nil) -> NodeFactsBuilder {
        var settings = TrackersTests.settings
        settings.nodePortCIDRs = cidrs?.compactMap { CIDR($0) }
        return NodeFactsBuilder(settings: settings, node: node, localAddresses: local)
    }

    @Test(
        arguments: [
            (nil, ["10.2.0.1", "fd00::1"]),
            (["10.2.0.0/24"], ["10.2.0.1", "10.2.0.2"]),
            (["0.0.0.0/0"], ["10.2.0.1", "10.2.0.2"]),
            (["127.0.0.0/8"], ["127.0.0.1"]),
            (["::/0"], ["fd00::1"]),
            (["192.168.0.0/16"], []),
        ] as [([String]?, [String])])
    func nodePortAddresses(cidrs: [String]?, expected: [String]) {
        #expect(Self.builder(cidrs).facts.nodePortAddresses.map { "\($0)" }.sorted() == expected.sorted())
    }

    @Test(
        arguments: [
            (.nowhere, ["127.0.0.0/8"], false), (.nowhere, ["0.0.0.0/0"], false), (.whereNamed, ["127.0.0.1/32"], true),
            (.whereNamed, ["0.0.0.0/0"], false), (.everywhere, ["0.0.0.0/0"], true),
            (.everywhere, ["10.0.0.0/8"], false),
        ] as [(ProxySettings.LoopbackNodePorts, [String], Bool)])
    func nodePortsOnLoopback(setting: ProxySettings.LoopbackNodePorts, cidrs: [String], isServed: Bool) {
        var builder = Self.builder(cidrs)
        builder.settings.loopbackNodePorts = setting
        #expect(builder.facts.nodePortAddresses.contains(IPAddress(127, 0, 0, 1)) == isServed)
    }

    @Test func theNodesOwnAddressComesFirst() {
        var node = Node(metadata: ObjectMeta(name: "n1"))
        node.internalIPs = [IPAddress(10, 2, 0, 2)]
        #expect(Self.builder(nil, node: node).facts.nodePortAddresses.contains(IPAddress(10, 2, 0, 2)))
        #expect(!Self.builder(nil, node: node).facts.nodePortAddresses.contains(IPAddress(10, 2, 0, 1)))
    }

    @Test func theDetectorFollowsTheNodesPodCIDRs() {
        var builder = Self.builder(nil)
        builder.settings.detector = .nodeCIDR
        #expect(builder.facts.detector == .none)
        var node = Node(metadata: ObjectMeta(name: "n1"))
        node.podCIDRs = [CIDR("10.1.0.0/24")].compactMap { $0 }
        builder.node = node
        #expect(builder.facts.detector == .cidrs(node.podCIDRs))
    }
}

@Suite struct MailboxTests {
    @Test func elementsComeOutInOrderOnce() {
        let mailbox = Mailbox<Int>()
        for number in 0..<100 { mailbox.send(number) }
        #expect(mailbox.drain().elements == Array(0..<100))
        #expect(mailbox.drain().elements.isEmpty)
    }

    @Test(.timeLimit(.minutes(30))) func aSlowConsumerSlowsItsProducer() async {
        let mailbox = Mailbox<Int>()
        let producer = Task { for number in 0..<10_000 { await mailbox.sendWhenRoom(number) } }
        var taken: [Int] = []
        while taken.count < 10_000 {
            let batch = mailbox.drain().elements
            #expect(batch.count <= 4097)
            taken += batch
            await Task.yield()
        }
        await producer.value
        #expect(taken == Array(0..<10_000))
    }
}
