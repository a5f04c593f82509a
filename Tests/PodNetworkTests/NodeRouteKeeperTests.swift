import CNI
import Glibc
import Namespaces
import NetTypes
import Routes
import Synchronization
import TestThreads
import Testing

@testable import PodNetwork

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct NodeRouteKeeperTests {
    private let range = CIDR("10.55.2.0/24")
    private let gateway = IPAddress(192, 168, 55, 2)

    @Test func keepsRoutesThatOthersTakeAway() async throws {
        let range = try #require(range)
        let node = try NetworkNamespace.create()
        try node.run {
            var routes = try RouteSocket()
            try routes.createVeth("up", peer: "down")
            try routes.addAddress(IPAddress(192, 168, 55, 1), prefixLength: 24, to: "up")
            try routes.setUp("up")
            try routes.setUp("down")
        }
        let events = Mutex<[NodeRouteKeeper.Event]>([])
        let keeper = NodeRouteKeeper(host: HostNamespace(try node.duplicate())) { event in
            events.withLock { $0.append(event) }
        }
        let work = Task { try await keeper.run() }
        let peer = NodeRoutes.Peer(name: "b", podCIDRs: [range], addresses: [gateway])
        keeper.update(peers: [peer], own: [])
        func routed() throws -> Bool {
            try node.run {
                var table = try KernelNodeRoutes()
                return try table.observed() == [.init(range, gateway: gateway)]
            }
        }
        try await wait("the route") { try routed() }
        // Somebody deletes it.
        try node.run {
            var routes = try RouteSocket()
            try routes.deleteRoute(Route(range, via: gateway, origin: KernelNodeRoutes.origin))
        }
        try await wait("the route again") { try events.withLock { $0.count } >= 2 && routed() }
        // The interface goes down and the kernel drops its routes; it comes back.
        try node.run {
            var routes = try RouteSocket()
            try routes.setDown("up")
        }
        try await wait("the failure") {
            events.withLock { $0.contains { if case .failed = $0 { true } else { false } } }
        }
        try node.run {
            var routes = try RouteSocket()
            try routes.setUp("up")
        }
        try await wait("the route after the interface") { try routed() }
        // The node leaves the cluster.
        keeper.update(peers: [], own: [])
        try await wait("no route") { try !routed() }
        keeper.stop()
        try await work.value
    }

    private struct InVain: Error {
        let what: String
    }

    private func wait(_ what: String, _ isDone: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isDone() {
            guard ContinuousClock.now < deadline else { throw InVain(what: what) }
            try await Task.sleep(for: .milliseconds(25))
        }
    }
}
