import KubeAPI
import Synchronization
import TestServers
import TestThreads
import Testing

@testable import KubeClient

@Suite(.ownThread, .timeLimit(.minutes(30))) struct InformerTests {
    private static func pod(_ name: String, _ version: Int, uid: String = "u", node: String = "") throws -> APIObject {
        try APIObject(
            json: [
                "metadata": [
                    "name": .string(name), "namespace": "n", "uid": .string(uid),
                    "resourceVersion": .string("\(version)"),
                ], "spec": ["nodeName": .string(node)],
            ])
    }

    private static func client() -> KubeClient {
        KubeClient(
            ServerConnection(server: ServerAddress(isTLS: false, host: "127.0.0.1", port: 1)), logger: .quiet)
    }

    private static func told(_ change: Informer.Change) -> String {
        switch change {
        case .added(let new): "+\(new.name)@\(new.resourceVersion)"
        case .updated(let old, let new): "\(new.name)@\(old.resourceVersion)>\(new.resourceVersion)"
        case .deleted(let old): "-\(old.name)@\(old.resourceVersion)"
        }
    }

    @Test func handlersHearOfEveryChangeOnce() async throws {
        let client = Self.client()
        let informer = Informer(
            GroupVersionResource(resource: "pods"), client: client,
            indexes: ["node": { [$0.spec?["nodeName"]?.string ?? ""] }], logger: .quiet)
        let changes = Recorder<String>()
        informer.addHandler { changes.record(Self.told($0)) }
        informer.receive(.replaceBegin)
        informer.receive(.upsert(try Self.pod("a", 1, node: "x")))
        informer.receive(.upsert(try Self.pod("b", 2, node: "x")))
        #expect(!informer.hasSynced)
        informer.receive(.replaceEnd)
        #expect(informer.hasSynced && informer.count == 2)
        await informer.waitUntilSynced()
        informer.receive(.upsert(try Self.pod("a", 3, node: "y")))
        #expect(informer.objects("node", "x").map(\.name) == ["b"])
        informer.receive(.delete(NamespacedName(namespace: "n", name: "b")))
        informer.receive(.delete(NamespacedName(namespace: "n", name: "unknown")))
        #expect(changes.elements == ["+a@1", "+b@2", "a@1>3", "-b@2"])
        // One who comes late hears what there is.
        let late = Recorder<String>()
        informer.addHandler { late.record(Self.told($0)) }
        #expect(late.elements == ["+a@3"])
        try await client.shutdown()
    }

    @Test func aPictureTakenAnewTellsOnlyTheDifference() async throws {
        let client = Self.client()
        let informer = Informer(GroupVersionResource(resource: "pods"), client: client, logger: .quiet)
        informer.receive(.replaceBegin)
        for (index, name) in ["same", "changed", "gone", "again", "broken"].enumerated() {
            informer.receive(.upsert(try Self.pod(name, index)))
        }
        informer.receive(.replaceEnd)
        let changes = Recorder<String>()
        informer.addHandler { changes.record(Self.told($0)) }
        let before = changes.elements.count
        informer.receive(.replaceBegin)
        informer.receive(.upsert(try Self.pod("same", 0)))
        informer.receive(.upsert(try Self.pod("changed", 9)))
        informer.receive(.upsert(try Self.pod("again", 8, uid: "other")))
        informer.receive(.malformed(NamespacedName(namespace: "n", name: "broken"), reason: "?"))
        informer.receive(.replaceEnd)
        #expect(Array(changes.elements.dropFirst(before)) == ["changed@1>9", "-again@3", "+again@8", "-gone@2"])
        #expect(informer[NamespacedName(namespace: "n", name: "broken")] != nil)
        try await client.shutdown()
    }

    @Test func itemsAreWorkedOnOneAtATimeAndFailuresComeAgain() async throws {
        struct Failure: Error {}
        let loop = WorkLoop<String>("test", policy: .init(initial: .milliseconds(1)), logger: .quiet)
        let calls = Recorder<String>()
        let inWork = Mutex<Set<String>>([])
        for _ in 0..<3 { for key in ["a", "b", "c"] { loop.add(key) } }
        let task = Task {
            await loop.run(workers: 2) { key in
                #expect(inWork.withLock { $0.insert(key).inserted })
                defer { inWork.withLock { _ = $0.remove(key) } }
                #expect(inWork.withLock { $0.count } <= 2)
                calls.record(key)
                let count = calls.elements.count { $0 == key }
                if key == "b", count < 3 { throw Failure() }
                return key == "c" && count < 2 ? .milliseconds(5) : nil
            }
        }
        while calls.elements.count < 6 || !loop.isIdle { try await Task.sleep(for: .milliseconds(2)) }
        #expect(calls.elements.count { $0 == "a" } == 1)
        #expect(calls.elements.count { $0 == "b" } == 3)
        #expect(calls.elements.count { $0 == "c" } == 2)
        task.cancel()
        await task.value
    }

    @Test func theLatchLetsEveryoneGoOn() async {
        let latch = Latch()
        let cancelled = Task { await latch.wait() }
        let waiting = Task { await latch.wait() }
        cancelled.cancel()
        await cancelled.value
        #expect(!latch.isOpen)
        latch.open()
        await waiting.value
        await latch.wait()
    }
}
