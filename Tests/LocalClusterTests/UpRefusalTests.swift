import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import LocalCluster

/// What `apus up` does not begin with, and how it says so.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: apus up does"))
struct UpRefusalTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "apus-up-\(UUID().uuidString)").path

    private func up(_ flags: String...) throws -> Program.Result {
        let place = ["--data-dir", folder, "--name", "t\(UInt32.random(in: 0...0xFFFFF))"]
        return try Program.run(Program.built("apus"), ["up"] + place + flags)
    }

    @Test(arguments: [
        (["--proxy-mode", "magic"], "--proxy-mode magic: choose one of iptables"), (["--nodes", "0"], "--nodes 0"),
        (["--name", "lab"], "--name lab: another part of apus"),
    ])
    func flagsThatCannotBe(_ flags: [String], _ words: String) throws {
        let result = try Program.run(Program.built("apus"), ["up", "--data-dir", folder] + flags)
        #expect(result.status != 0 && result.errors.contains(words), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func aTakenPort() throws {
        let (port, door) = try Self.takePort()
        defer { close(door) }
        let result = try up("--port", "\(port)")
        #expect(result.status != 0 && result.errors.contains("port \(port) on 127.0.0.1 is taken"), "\(result.errors)")
    }

    /// Another test may take a port as soon as it is found free; then another is looked for.
    private static func takePort() throws -> (port: UInt16, door: CInt) {
        for _ in 0..<20 {
            let port = try FreePort.take()
            if let door = try? HostDoor(port: port).release() { return (port, door) }
        }
        let port = try FreePort.take()
        return (port, try HostDoor(port: port).release())
    }

    @Test func settingsThatNobodyUnderstands() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "{".write(toFile: folder + "/cluster.json", atomically: true, encoding: .utf8)
        let result = try up("--nodes", "1")
        #expect(result.status != 0 && result.errors.contains("cluster.json is not understood"), "\(result.errors)")
    }

    @Test func fewerNodesThanThereAre() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let layout = ClusterLayout(name: "none", dataDirectory: folder, program: "")
        try ClusterSettings(nodes: 3, proxyMode: "nftables", port: 6443).write(layout)
        let result = try up("--nodes", "2")
        #expect(result.status != 0 && result.errors.contains("the cluster has 3"), "\(result.errors)")
    }

    @Test func whoIsNotRoot() throws {
        let setpriv = try #require(Program.path("setpriv"))
        let result = try Program.run(
            setpriv, ["--reuid", "65534", "--clear-groups", Program.built("apus"), "up", "--data-dir", folder])
        #expect(result.status != 0 && result.errors.contains("needs root"), "\(result.errors)")
    }
}
