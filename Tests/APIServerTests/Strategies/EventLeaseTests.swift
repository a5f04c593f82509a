import AccessControl
import Foundation
import KubeAPI
import NetTypes
import Store
import StoreCore
import Synchronization
import Testing

@testable import APIServer

/// `--event-ttl`: Events go by themselves.
struct EventLeaseTests {
    private final class Clock: Sendable {
        let seconds = Mutex<Int64>(1_000_000)

        var now: Int64 { seconds.withLock { $0 } }
    }

    @Test func eventsLiveTheirTimeAndShareLeases() async throws {
        let folder = NSTemporaryDirectory() + "apus-events-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = Clock()
        let store = try EmbeddedStore(folder: folder, clock: { clock.now * 1000 }, steady: { clock.now * 1000 })
        let network = try #require(CIDR("10.0.0.0/24").flatMap { ServiceNetwork(ranges: [$0]) })
        let strategies = StrategyTable(store: store, network: network, eventLifetimeSeconds: 10)
        let registry = Registry(store: store, resources: ServedResources(.builtin, strategies)) {
            clock.now * 1_000_000_000
        }
        let events = try #require(registry.resources.snapshot["", "v1", "events"])
        func create(_ name: String) async throws -> LeaseID {
            let event: JSONValue = [
                "metadata": ["name": .string(name), "namespace": "default"],
                "involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"],
            ]
            let attributes = RequestAttributes(user: .anonymous, verb: "create", path: "/")
            _ = try await registry.create(
                event, events, namespace: "default",
                RequestContext(
                    user: .anonymous, attributes: attributes, resource: events.definition,
                    now: clock.now * 1_000_000_000))
            let stored = try await registry.keyValue(events, "default", name)
            return try #require(stored).lease
        }
        func names() async throws -> [String] {
            try await registry.list(events).objects.map { $0.meta("name") }
        }
        let first = try await create("a")
        #expect(first != 0)
        clock.seconds.withLock { $0 += 299 }
        #expect(try await create("b") == first)
        // The last of those that share one lives its whole time.
        clock.seconds.withLock { $0 += 10 }
        let second = try await create("c")
        #expect(second != first)
        #expect(try await names() == ["a", "b", "c"])
        clock.seconds.withLock { $0 += 2 }
        for _ in 0..<1500 where try await names() != ["c"] { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await names() == ["c"])
        await store.close()
    }
}
