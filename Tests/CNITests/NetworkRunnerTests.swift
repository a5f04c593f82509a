import Foundation
import Glibc
import KubeAPI
import Namespaces
import NetTypes
import Routes
import TestThreads
import Testing

@testable import CNI

/// The runner with plugins that are shell scripts: what they are given is written down, and they fail as told.
@Suite(.ownThread) struct NetworkRunnerTests {
    let folder = Folder()

    private func plugin(_ name: String, _ script: String) throws {
        let path = folder.path + "/bin/" + name
        try #require(SmallFile.replace(path, Array(("#!/bin/sh\n" + script).utf8)))
        try #require(chmod(path, 0o755) == 0)
    }

    /// Writes its verb down and answers with its own name as an interface.
    private func recorder(_ name: String, failing verb: String = "-") throws {
        try plugin(
            name,
            """
            cat /dev/stdin > \(folder.path)/input-\(name)-$CNI_COMMAND
            echo "\(name) $CNI_COMMAND" >> \(folder.path)/log
            if [ $CNI_COMMAND = \(verb) ]; then echo '{"cniVersion":"1.1.0","code":104,"msg":"told to","details":"two\\\\nlines"}'; exit 1; fi
            if [ $CNI_COMMAND = ADD ]; then echo '{"cniVersion":"1.1.0","interfaces":[{"name":"\(name)"}],"ips":[{"address":"10.0.0.2/32"}]}'; fi
            """)
    }

    private var log: [String] {
        String(decoding: SmallFile.read(folder.path + "/log", limit: 1 << 20) ?? [], as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    private func input(_ name: String, _ verb: String) throws -> JSONValue {
        try JSONParser.parse(try #require(SmallFile.read("\(folder.path)/input-\(name)-\(verb)", limit: 1 << 20)))
    }

    private func runner(_ plugins: [String], timeLimit: Duration = .seconds(60)) throws -> NetworkRunner {
        let list = try NetworkConfigList(
            JSONWriter.bytes([
                "cniVersion": "1.1.0", "name": "net", "plugins": .array(plugins.map { ["type": .string($0)] }),
            ]), place: "test")
        var options = NetworkRunner.Options()
        options.pluginDirectories = [folder.path + "/bin"]
        options.cacheDirectory = folder.path + "/cache"
        options.timeLimit = timeLimit
        return NetworkRunner(list, options: options)
    }

    private let attachment = Attachment(containerID: "c1", namespacePath: "/proc/self/ns/net")

    @Test func runsTheChainInOrderAndBack() async throws {
        for name in ["a", "b"] { try recorder(name) }
        let runner = try runner(["a", "b"])
        let result = try await runner.add(attachment)
        #expect(result.interfaces.map(\.name) == ["b"])
        #expect(result.addresses.map(\.address) == [IPAddress(10, 0, 0, 2)])
        try await runner.check(attachment)
        try await runner.status()
        try await runner.delete(attachment)
        #expect(log == ["a ADD", "b ADD", "a CHECK", "b CHECK", "a STATUS", "b STATUS", "b DEL", "a DEL"])
        #expect(try input("a", "ADD")["prevResult"] == nil)
        #expect(try input("b", "ADD")["prevResult"]?["interfaces"] == [["name": "a"]])
        for (name, verb) in [("a", "CHECK"), ("b", "DEL"), ("a", "DEL")] {
            #expect(try input(name, verb)["prevResult"]?["interfaces"] == [["name": "b"]])
        }
        // Nothing is kept: CHECK knows no such container now, DEL is still fine.
        await #expect(throws: CNIFailure.self) { try await runner.check(attachment) }
        try await runner.delete(attachment)
    }

    @Test func aFailureTakesBackWhatWasMade() async throws {
        try recorder("a")
        try recorder("b", failing: "ADD")
        let error = await #expect(throws: CNIFailure.self) { _ = try await runner(["a", "b"]).add(attachment) }
        #expect(error?.code == 104)
        #expect(error?.description == "the CNI plugin b (ADD): told to (two lines)")
        #expect(log == ["a ADD", "b ADD", "b DEL", "a DEL"])
    }

    @Test func deleteAsksEveryPluginAndKeepsTheResultForTheNextTry() async throws {
        try recorder("a")
        try recorder("b", failing: "DEL")
        let runner = try runner(["a", "b"])
        _ = try await runner.add(attachment)
        await #expect(throws: CNIFailure.self) { try await runner.delete(attachment) }
        #expect(log.suffix(2) == ["b DEL", "a DEL"])
        try recorder("b")
        try await runner.delete(attachment)
        #expect(try input("b", "DEL")["prevResult"] != nil)
    }

    @Test func garbageGoes() async throws {
        try recorder("a")
        let runner = try runner(["a"])
        var other = attachment
        other.containerID = "c2"
        _ = try await runner.add(attachment)
        _ = try await runner.add(other)
        try await runner.collectGarbage(valid: [attachment])
        #expect(log.suffix(2) == ["a DEL", "a GC"])
        #expect(try input("a", "GC")["cni.dev/valid-attachments"] == [["containerID": "c1", "ifname": "eth0"]])
        try await runner.check(attachment)
        await #expect(throws: CNIFailure.self) { try await runner.check(other) }
    }

    @Test func aHangingPluginIsKilledWithItsChildren() async throws {
        try plugin("hang", "[ $CNI_COMMAND = DEL ] && exit 0\nsleep 1000 & echo $! > \(folder.path)/child; wait")
        let error = await #expect(throws: CNIFailure.self) {
            _ = try await runner(["hang"], timeLimit: .milliseconds(700)).add(attachment)
        }
        #expect(error?.description.contains("did not end within") == true)
        let child = String(decoding: SmallFile.read(folder.path + "/child", limit: 100) ?? [], as: UTF8.self)
        let pid = try #require(pid_t(child.split(separator: "\n").first ?? ""))
        // A zombie may remain until init takes it.
        for _ in 0..<100 where isRunning(pid) { usleep(20_000) }
        #expect(!isRunning(pid))
    }

    private func isRunning(_ pid: pid_t) -> Bool {
        guard let bytes = SmallFile.read("/proc/\(pid)/stat", limit: 4096) else { return false }
        return !String(decoding: bytes, as: UTF8.self).contains(") Z ")
    }

    @Test(arguments: [
        ("exit 3", "failed with exit code 3"), ("echo oops >&2; exit 1", "oops"), ("kill -9 $$", "signal 9"),
        ("echo '{'", "printed no JSON"), ("echo '{\"ips\":[{\"address\":\"x\"}]}'", "an address that is none"),
        ("head -c 3000000 /dev/zero; sleep 100", "printed too much"),
    ])
    func failuresAreOneSentence(script: String, words: String) async throws {
        try plugin("bad", "[ $CNI_COMMAND = DEL ] && exit 0\n" + script)
        let error = await #expect(throws: CNIFailure.self) { _ = try await runner(["bad"]).add(attachment) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func aMissingPluginIsNamed() async throws {
        let runner = try runner(["nowhere"])
        let error = await #expect(throws: CNIFailure.self) { try await runner.status() }
        #expect(error?.description.contains("nowhere") == true)
    }

    @Test func theFirstFileIsTheNetwork() throws {
        let error = #expect(throws: CNIFailure.self) { try NetworkDirectory.load(folder.path) }
        #expect(error?.code == CNIFailure.Code.notAvailable)
        for (name, network) in [("20-b.conf", "b"), ("10-a.conflist", "a"), ("05-readme.txt", "no")] {
            _ = SmallFile.replace(
                "\(folder.path)/\(name)", Array(#"{"cniVersion":"1.0.0","name":"\#(network)","type":"x"}"#.utf8))
        }
        #expect(try NetworkDirectory.load(folder.path).name == "a")
        _ = SmallFile.replace("\(folder.path)/00-broken.conf", Array("{".utf8))
        #expect(throws: CNIFailure.self) { try NetworkDirectory.load(folder.path) }
    }
}

/// A directory for one test, with `bin` in it; goes with it.
final class Folder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/apus-cni-test-XXXXXX".utf8CString)
        let isMade = mkdtemp(&template) != nil
        path =
            isMade ? String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) : "/nonexistent"
        mkdir(path + "/bin", 0o755)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
