import Glibc
import Namespaces
import NetTypes
import Netlink
import TestThreads
import Testing

@testable import Routes

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: it makes network namespaces"))
struct RoutesTests {
    private let four = IPAddress(10, 9, 0, 1)
    private let six = IPAddress(high: 0xfd00_0009_0000_0000, low: 1)

    private func linkNames(in namespace: borrowing NetworkNamespace) throws -> [String] {
        try namespace.run {
            var routes = try RouteSocket()
            return try routes.links().map(\.name)
        }
    }

    @Test func aFreshNamespaceHasOnlyLoopback() throws {
        let (links, addresses) = try withNetworkNamespace {
            var routes = try RouteSocket()
            return (try routes.links(), try routes.addresses())
        }
        #expect(links.map(\.name) == ["lo"])
        #expect(links.allSatisfy { $0.isUp && $0.isLoopback && $0.kind.isEmpty && $0.master == nil })
        #expect(Set(addresses.map(\.address)) == [IPAddress(127, 0, 0, 1), IPAddress(high: 0, low: 1)])
        #expect(addresses.allSatisfy { $0.scope == .host && $0.link == links[0].index })
    }

    @Test func vethJoinsTwoNamespaces() throws {
        let other = try NetworkNamespace.create()
        try withNetworkNamespace {
            var routes = try RouteSocket()
            try routes.createVeth("here", peer: "there", inNamespace: other.descriptor)
            try routes.setUp("here")
            let link = try routes.link("here")
            #expect(link.kind == "veth")
            #expect(link.isUp)
            #expect(try linkNames(in: other) == ["lo", "there"])
            try other.run {
                var routes = try RouteSocket()
                try routes.setUp("there")
                #expect(try routes.link("there").isUp)
            }
            try routes.setDown("here")
            #expect(try !routes.link("here").isUp)
            try routes.deleteLink("here")
            try routes.deleteLink("here")
        }
        #expect(try linkNames(in: other) == ["lo"])
    }

    @Test func interfacesMoveAndJoinBridges() throws {
        let other = try NetworkNamespace.create()
        try withNetworkNamespace {
            var routes = try RouteSocket()
            try routes.createBridge("br0")
            try routes.createVeth("a", peer: "b")
            try routes.attach("a", to: "br0")
            #expect(try routes.link("a").master == routes.link("br0").index)
            #expect(try routes.link("br0").kind == "bridge")
            try routes.move("b", toNamespace: other.descriptor)
            #expect(throws: NetlinkError.self) { _ = try routes.link("b") }
            #expect(try linkNames(in: other) == ["lo", "b"])
        }
    }

    @Test func addressesComeAndGoAndAreWatched() throws {
        try withNetworkNamespace {
            var routes = try RouteSocket()
            var monitor = try AddressMonitor()
            #expect(try monitor.drain().isEmpty)
            try routes.createVeth("a", peer: "b")
            try routes.setUp("a")
            _ = try monitor.drain()
            try routes.addAddress(four, prefixLength: 24, to: "a")
            try routes.addAddress(six, prefixLength: 64, to: "a")
            let added = try wait(&monitor) { if case .address(let address) = $0 { address.address } else { nil } }
            #expect(added.isSuperset(of: [four, six]))
            let listed = try routes.addresses().filter { [four, six].contains($0.address) }
            #expect(listed.map(\.prefixLength).sorted() == [24, 64])
            #expect(listed.allSatisfy { $0.scope == .global && !$0.isTentative && !$0.isSecondary })
            #expect(throws: NetlinkError.self) { try routes.addAddress(four, prefixLength: 24, to: "a") }
            try routes.removeAddress(four, prefixLength: 24, from: "a")
            let removed = try monitor.drain().contains {
                if case .addressRemoved(let address) = $0 { address.address == four } else { false }
            }
            #expect(removed)
            try routes.deleteLink("a")
            let isGone = try monitor.drain().contains {
                if case .linkRemoved(let link) = $0 { link.name == "a" } else { false }
            }
            #expect(isGone)
        }
    }

    /// The kernel tells of an IPv6 address from a worker of its own: collects until it has been quiet for a while.
    private func wait<Value: Hashable>(
        _ monitor: inout AddressMonitor, _ select: (AddressMonitor.Change) -> Value?
    ) throws -> Set<Value> {
        var found: Set<Value> = []
        var waiting = pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 500) > 0 { found.formUnion(try monitor.drain().compactMap(select)) }
        return found
    }

    @Test func routesNeedAnExistingInterface() throws {
        try withNetworkNamespace {
            var routes = try RouteSocket()
            try routes.createVeth("a", peer: "b")
            try routes.setUp("a")
            try routes.setUp("b")
            try routes.addAddress(four, prefixLength: 24, to: "a")
            try routes.addAddress(six, prefixLength: 64, to: "a")
            let gateways = [IPAddress(10, 9, 0, 2), IPAddress(high: 0xfd00_0009_0000_0000, low: 2)]
            for gateway in gateways {
                try routes.addRoute(.default(via: gateway))
                #expect(throws: NetlinkError.self) { try routes.addRoute(.default(via: gateway)) }
                try routes.deleteRoute(.default(via: gateway))
                #expect(throws: NetlinkError.self) { try routes.deleteRoute(.default(via: gateway)) }
            }
            try routes.addRoute(Route(CIDR(host: IPAddress(10, 8, 0, 1)), link: "a", source: four))
            do {
                try routes.addRoute(Route(CIDR(host: four), link: "missing"))
                Issue.record("a route through a missing interface was accepted")
            } catch let error as NetlinkError {
                #expect(error.code == ENODEV)
                #expect("\(error)" == "cannot find interface missing: No such device")
            }
        }
    }

    @Test func settingsBelongToTheNamespace() throws {
        let name = "net.ipv4.ip_forward"
        let outside = try Sysctl.read(name)
        try withNetworkNamespace {
            try Sysctl.write(name, "1")
            #expect(try Sysctl.read(name) == "1")
            try Sysctl.write(name, "0")
            #expect(try Sysctl.read("net/ipv4/conf/all/forwarding") == "0")
        }
        #expect(try Sysctl.read(name) == outside)
        do {
            _ = try Sysctl.read("net.ipv4.no_such_thing")
        } catch {
            #expect(error.isMissing)
            #expect("\(error)" == "cannot read net.ipv4.no_such_thing: No such file or directory")
        }
    }
}
