import Glibc
import KubeAPI
import Logging
import Synchronization
import TestThreads
import Testing

@testable import Manifests

/// A directory of its own for a test.
struct TemporaryDirectory {
    let root: String
    var path: String { "\(root)/manifests" }

    init() throws {
        var template = Array("/tmp/apus-manifests-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        root = String(cString: made)
        try check(mkdir(path, 0o755))
    }

    func write(_ name: String, _ text: String) throws {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try check(file)
        defer { close(file) }
        // Two writes: a reader between them must not be taken in.
        let bytes = Array(text.utf8)
        let half = bytes.count / 2
        try check(Int32(Glibc.write(file, Array(bytes[..<half]), half)))
        try check(Int32(Glibc.write(file, Array(bytes[half...]), bytes.count - half)))
    }

    func check(_ result: Int32) throws {
        try #require(result >= 0, "\(String(cString: strerror(errno)))")
    }

    func remove(_ name: String) throws { try check(unlink("\(path)/\(name)")) }

    func move(_ old: String, _ new: String) throws { try check(rename("\(path)/\(old)", "\(path)/\(new)")) }

    func destroy() { removeTree(root) }

    private func removeTree(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                if unlink("\(path)/\(name)") != 0 { removeTree("\(path)/\(name)") }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}

/// Runs a source and lets a test wait for what it comes to.
final class Consumer: Sendable {
    struct Picture: Equatable {
        var services: [String: String] = [:]
        var failures: [String] = []
        var isSynced = false
    }

    let picture = Mutex(Picture())
    var current: Picture { picture.withLock { $0 } }

    func take(_ event: ManifestEvent) {
        picture.withLock { picture in
            switch event {
            case .upsert(.service(let service)):
                picture.services[service.metadata.name] = service.spec.clusterIPs.first?.description ?? ""
            case .upsert: break
            case .delete(_, let key): picture.services[key.name] = nil
            case .failure(let failure): picture.failures.append(failure.description)
            case .synced: picture.isSynced = true
            }
        }
    }

    /// Waits until it is so; false after half a minute.
    func comes(to condition: (Picture) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if condition(current) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return condition(current)
    }
}

@Suite(.ownThread, .timeLimit(.minutes(30))) struct ManifestSourceTests {
    private static func service(_ name: String, _ ip: String) -> String {
        "{apiVersion: v1, kind: Service, metadata: {name: \(name)}, spec: {clusterIP: \(ip)}}\n---\n"
    }

    /// Runs `body` beside a source that has synced.
    private func watching(
        _ directory: TemporaryDirectory, path: String? = nil, _ body: (Consumer) async throws -> Void
    ) async throws {
        let consumer = Consumer()
        let source = ManifestSource(directory: path ?? directory.path, logger: Logger(label: "test"))
        let task = Task { try await source.run { consumer.take($0) } }
        #expect(await consumer.comes { $0.isSynced })
        do { try await body(consumer) } catch { Issue.record(error) }
        task.cancel()
        try await task.value
        directory.destroy()
    }

    @Test func followsFiles() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        try directory.write("notes.txt", "no manifest")
        try directory.write(".hidden.yaml", "{")
        try await watching(directory) { consumer in
            #expect(consumer.current.services == ["a": "10.0.0.1"])
            try directory.write("b.yml", Self.service("b", "10.0.0.2"))
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.1", "b": "10.0.0.2"] })
            try directory.write("a.yaml", Self.service("a", "10.0.0.3"))
            #expect(await consumer.comes { $0.services["a"] == "10.0.0.3" })
            try directory.remove("b.yml")
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.3"] })
            try directory.move("a.yaml", "a.txt")
            #expect(await consumer.comes { $0.services.isEmpty })
            #expect(consumer.current.failures.isEmpty)
        }
    }

    @Test func aBrokenFileKeepsTheLastGood() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        try await watching(directory) { consumer in
            try directory.write("a.yaml", "kind: Service\nmetadata: [")
            #expect(await consumer.comes { $0.failures.count == 1 })
            let picture = consumer.current
            #expect(picture.services == ["a": "10.0.0.1"])
            #expect(picture.failures[0].hasPrefix("a.yaml:2:12: ") || picture.failures[0].hasPrefix("a.yaml:3:1: "))
            try directory.write("a.yaml", Self.service("a", "10.0.0.2"))
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.2"] })
        }
    }

    /// As vim and kubectl do: write beside, keep the old as a backup, rename over.
    @Test func followsEditors() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        try await watching(directory) { consumer in
            try directory.write("4913", "")
            try directory.remove("4913")
            try directory.write(".a.yaml.swp", Self.service("a", "10.0.0.2"))
            try directory.move(".a.yaml.swp", "a.yaml")
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.2"] })
            try directory.move("a.yaml", "a.yaml~")
            try directory.write("a.yaml", Self.service("a", "10.0.0.3"))
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.3"] })
        }
    }

    @Test func theSameObjectTwiceNamesBothFiles() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        try directory.write("b.yaml", Self.service("a", "10.0.0.2"))
        try await watching(directory) { consumer in
            #expect(consumer.current.services == ["a": "10.0.0.1"])
            #expect(
                consumer.current.failures == [
                    "b.yaml:1:1: Service default/a is already in a.yaml:1, which counts"
                ])
            try directory.remove("a.yaml")
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.2"] })
        }
    }

    /// The kubelet's atomic writer: files are links through `..data`, which is swapped.
    @Test func followsConfigMapMounts() async throws {
        let directory = try TemporaryDirectory()
        func version(_ number: Int) throws {
            try directory.check(mkdir("\(directory.path)/..v\(number)", 0o755))
            try directory.write("..v\(number)/a.yaml", Self.service("a", "10.0.0.\(number)"))
            try directory.check(symlink("..v\(number)", "\(directory.path)/..data_tmp"))
            try directory.move("..data_tmp", "..data")
        }
        try version(1)
        try directory.check(symlink("..data/a.yaml", "\(directory.path)/a.yaml"))
        try await watching(directory) { consumer in
            #expect(consumer.current.services == ["a": "10.0.0.1"])
            try version(2)
            #expect(await consumer.comes { $0.services == ["a": "10.0.0.2"] })
            try directory.check(symlink("..data/a.yaml", "\(directory.path)/b.yaml"))
            #expect(await consumer.comes { $0.failures.count == 1 })
        }
    }

    @Test func followsTheDirectoryWhenItIsReplaced() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        try await watching(directory) { consumer in
            try directory.check(rename(directory.path, "\(directory.root)/old"))
            #expect(await consumer.comes { $0.failures.count == 1 })
            #expect(consumer.current.services == ["a": "10.0.0.1"])
            try directory.check(mkdir("\(directory.root)/new", 0o755))
            try directory.check(rename("\(directory.root)/new", directory.path))
            #expect(await consumer.comes { $0.services.isEmpty })
            try directory.write("b.yaml", Self.service("b", "10.0.0.2"))
            #expect(await consumer.comes { $0.services == ["b": "10.0.0.2"] })
        }
    }

    @Test func followsALinkToTheDirectory() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        let link = "\(directory.root)/current"
        try directory.check(symlink(directory.path, link))
        try directory.check(mkdir("\(directory.root)/other", 0o755))
        try directory.write("../other/b.yaml", Self.service("b", "10.0.0.2"))
        try await watching(directory, path: link + "/") { consumer in
            try directory.check(symlink("\(directory.root)/other", link + "_tmp"))
            try directory.check(rename(link + "_tmp", link))
            #expect(await consumer.comes { $0.services == ["b": "10.0.0.2"] })
        }
    }

    @Test func reactsWithinFiftyMilliseconds() async throws {
        let directory = try TemporaryDirectory()
        try await watching(directory) { consumer in
            var times: [Duration] = []
            for round in 1...20 {
                let start = ContinuousClock.now
                try directory.write("a.yaml", Self.service("a", "10.0.0.\(round)"))
                #expect(await consumer.comes { $0.services == ["a": "10.0.0.\(round)"] })
                times.append(ContinuousClock.now - start)
            }
            // The machine may be busy with other tests: a quarter of the rounds must show what the source can do.
            #expect(times.sorted()[5] < .milliseconds(50))
        }
    }

    @Test func loadsOnce() throws {
        let directory = try TemporaryDirectory()
        defer { directory.destroy() }
        try directory.write("a.yaml", Self.service("a", "10.0.0.1"))
        try directory.check(mkfifo("\(directory.path)/b.yaml", 0o644))
        let events = try ManifestSource(directory: directory.path, logger: Logger(label: "test")).load()
        guard case .upsert(.service(let service)) = events.first else {
            Issue.record("no service")
            return
        }
        #expect(service.metadata.key == NamespacedName(namespace: "default", name: "a"))
        #expect(
            events.dropFirst() == [
                .failure(ManifestFailure(file: "b.yaml", reason: "not a regular file: Invalid argument"))
            ])
    }

    @Test func aMissingDirectoryIsAnError() async throws {
        let source = ManifestSource(directory: "/nonexistent/apus", logger: Logger(label: "test"))
        let error = await #expect(throws: ManifestFailure.self) { try await source.run { _ in } }
        #expect(error?.description == "/nonexistent/apus: open directory: No such file or directory")
    }
}
