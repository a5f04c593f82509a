import Foundation
import Glibc
import TestThreads
import Testing

@testable import Agent

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"))
struct StorageLimitTests {
    @Test func aVolumeThatGrowsTooLargeEndsItsPod() async throws {
        let lab = try AgentLab()
        lab.options.evictionPeriod = .milliseconds(200)
        try lab.apply(
            "large",
            #"""
            {"terminationGracePeriodSeconds":0,"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Mi"}},{"name":"w","emptyDir":{}}],
             "containers":[{"name":"a","image":"busybox","command":["sh","-c","seq 1000000 > /w/f; seq 1000000 > /v/f; sleep 1000"],
              "volumeMounts":[{"name":"v","mountPath":"/v"},{"name":"w","mountPath":"/w"}]}]}
            """#)
        try lab.start()
        let status = try await lab.wait("large") { $0["phase"] == "Failed" }
        #expect(status["reason"] == "Evicted")
        #expect(status["message"] == #"Usage of EmptyDir volume "v" exceeds the limit "1Mi". "#)
        lab.delete("large")
        try await lab.waitUntilGone("large")
        #expect(lab.mounts.isEmpty)
    }

    @Test func diskUsageCountsFilesOnce() throws {
        let folder = "/tmp/apus-usage-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/a/b", withIntermediateDirectories: true)
        let empty = DiskUsage.bytes(below: folder)
        try Data(repeating: 7, count: 1 << 20).write(to: URL(filePath: "\(folder)/a/b/f"))
        let one = DiskUsage.bytes(below: folder)
        #expect(one - empty >= 1 << 20 && one - empty < 2 << 20)
        try #require(link("\(folder)/a/b/f", "\(folder)/g") == 0)
        try #require(symlink("/usr", "\(folder)/out") == 0)
        #expect(DiskUsage.bytes(below: folder) - one < 1 << 16)
        #expect(DiskUsage.bytes(below: "\(folder)/nothing") == 0)
    }
}
