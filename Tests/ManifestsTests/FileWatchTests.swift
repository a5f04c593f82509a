import Glibc
import TestThreads
import Testing

@testable import Manifests

@Suite(.ownThread, .timeLimit(.minutes(30))) struct FileWatchTests {
    private func text(_ path: String) throws -> String {
        String(decoding: try FileContents(path: path).bytes, as: UTF8.self)
    }

    /// Waits for signals until the file reads so; the test's time limit is the limit.
    private func wait(_ watch: FileWatch, _ path: String, _ expected: String) async throws {
        for await _ in watch.signals {
            watch.rearm()
            if try text(path) == expected { return }
        }
        Issue.record("the signals ended before \(path) read '\(expected)'")
    }

    @Test func hearsOfWritingAndReplacing() async throws {
        let folder = try TemporaryDirectory()
        defer { folder.destroy() }
        let path = "\(folder.path)/config.yaml"
        try folder.write("config.yaml", "first")
        let watch = try FileWatch(path: path)
        try folder.write("config.yaml", "second")
        try await wait(watch, path, "second")
        try folder.write("config.yaml.new", "third")
        try folder.move("config.yaml.new", "config.yaml")
        try await wait(watch, path, "third")
        #expect(try text(path) == "third")
    }

    /// As a kubelet swaps the files of a ConfigMap.
    @Test func followsTheLinkOfAConfigMap() async throws {
        let folder = try TemporaryDirectory()
        defer { folder.destroy() }
        let path = "\(folder.path)/config.conf"
        for version in ["..1", "..2"] {
            try folder.check(mkdir("\(folder.path)/\(version)", 0o700))
            try folder.write("\(version)/config.conf", version)
        }
        try folder.check(symlink("..1", "\(folder.path)/..data"))
        try folder.check(symlink("..data/config.conf", path))
        let watch = try FileWatch(path: path)
        try folder.check(symlink("..2", "\(folder.path)/..new"))
        try folder.move("..new", "..data")
        try await wait(watch, path, "..2")
        try folder.write("..2/config.conf", "changed in place")
        try await wait(watch, path, "changed in place")
        #expect(try text(path) == "changed in place")
    }
}
