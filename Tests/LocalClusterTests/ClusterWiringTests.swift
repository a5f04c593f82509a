import Foundation
import Glibc
import Lab
import Namespaces
import NetTypes
import TestThreads
import Testing
import Threads

@testable import LocalCluster

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct ClusterWiringTests {
    private let layout = ClusterLayout(
        name: "t\(UInt32.random(in: 0...0xFFFFF))", dataDirectory: NSTemporaryDirectory() + "apus-\(UUID().uuidString)",
        program: "/bin/sleep")

    @Test func nodesReachEachOtherUntilOneIsCutOff() throws {
        let wiring = ClusterWiring(layout)
        defer { for name in (try? wiring.namespaces()) ?? [] { try? NamedNamespace.delete(name) } }
        // Twice is once.
        for _ in 0..<2 {
            try wiring.makeControl()
            for number in 1...2 { try wiring.makeNode(number) }
        }
        #expect(
            try wiring.namespaces() == [
                layout.controlNamespace, layout.nodeNamespace(1), layout.nodeNamespace(2),
            ])
        let server = try NetworkNamespace.named(layout.nodeNamespace(2)).run {
            try SeparateEcho(ports: [7000], name: "second")
        }
        defer { withExtendedLifetime(server) {} }
        let first = try NetworkNamespace.named(layout.nodeNamespace(1))
        func replies() throws -> Int {
            try first.run {
                let target = AddressPort(ClusterLayout.nodeAddress(2), 7000)
                return RequestSummary.request(Probe(.tcp, target, timeout: .milliseconds(800)), count: 1).replies
            }
        }
        func waitUntilItAnswers() throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while try replies() == 0, ContinuousClock.now < deadline {}
            #expect(try replies() == 1)
        }
        try waitUntilItAnswers()
        try wiring.connect(2, false)
        #expect(try replies() == 0)
        try wiring.connect(2, true)
        try waitUntilItAnswers()
    }

    @Test func teardownEndsProcessesAndMountsAndNamespaces() throws {
        let wiring = ClusterWiring(layout)
        try wiring.makeControl()
        try wiring.makeNode(1)
        let mountPoint = layout.nodeFolder(1) + "/volume"
        try FileManager.default.createDirectory(atPath: mountPoint, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: layout.dataDirectory) }
        #expect(mount("none", mountPoint, "tmpfs", 0, nil) == 0)
        let pid = try NetworkNamespace.named(layout.nodeNamespace(1)).spawn("/bin/sleep", ["1000"])
        let removed = try Teardown(layout).endAll()
        var status: CInt = 0
        #expect(waitpid(pid, &status, 0) == pid && status & 0x7F == SIGKILL)
        #expect(removed.contains("1 mounts") && removed.contains("namespace \(layout.nodeNamespace(1))"))
        #expect(try wiring.namespaces().isEmpty)
        #expect(umount2(mountPoint, 0) != 0)
        #expect(try Teardown(layout).endAll().isEmpty)
    }

    /// `apus down` without a folder ends the cluster that is there, wherever it was started.
    @Test func aNameBelongsToOneFolder() throws {
        let wiring = ClusterWiring(layout)
        defer {
            for name in (try? wiring.namespaces()) ?? [] { try? NamedNamespace.delete(name) }
            try? FileManager.default.removeItem(atPath: layout.runDirectory)
        }
        func chosen(_ given: String?) throws -> String {
            try ClusterFolder.choose(given, name: layout.name, usual: "/usual")
        }
        try FileManager.default.createDirectory(atPath: layout.runDirectory, withIntermediateDirectories: true)
        try ClusterFolder.record(layout)
        // Left behind: nothing of it is there.
        #expect(try chosen(nil) == "/usual" && chosen("/other") == "/other")
        try wiring.makeControl()
        #expect(try chosen(nil) == layout.dataDirectory && chosen(layout.dataDirectory + "/.") == layout.dataDirectory)
        #expect(throws: ClusterFailure.self) { try chosen("/other") }
        _ = try Teardown(layout).endAll()
        #expect(ClusterFolder.inUse(layout.name) == nil)
    }

    @Test func oneAtATimeChangesTheSettings() throws {
        for folder in [layout.dataDirectory, layout.runDirectory] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        defer {
            for folder in [layout.dataDirectory, layout.runDirectory] {
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
        try ClusterSettings(nodes: 1, proxyMode: "auto", port: 1).write(layout)
        let threads = try (0..<4).map { _ in
            try OwnThread { [layout] in
                for _ in 0..<10 {
                    try? SettingsLock.held(layout) {
                        var settings = try #require(try ClusterSettings.read(layout))
                        _ = try settings.addNode()
                        usleep(1000)
                        try settings.write(layout)
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(try ClusterSettings.read(layout)?.nodes.count == 41)
    }
}
