import Glibc
import KubeAPI
import NodeServices
import TestThreads
import Testing

@testable import Images

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: gives files their owners"))
struct ImageStoreTests {
    let folder: Folder
    let store: ImageStore

    init() throws {
        folder = try Folder()
        store = try ImageStore(directory: folder.path + "/store")
    }

    private static let base: [Member] = [.directory("bin"), .file("bin/run", "program", mode: 0o755)]

    private func layers() throws -> [String] {
        try Directory(path: folder.path + "/store/layers").entries().map(\.text).sorted()
    }

    @Test func importsWhatDockerSaves() throws {
        let image = try ImageBuilder([Self.base, [.file("etc/a", "1")]])
        let archive = try folder.write("a.tar", try ImageBuilder.archive(image.dockerArchive(tags: ["apus/x:1", "y"])))
        let stored = try #require(try store.importArchive(archive).first)
        #expect(stored.references == ["docker.io/apus/x:1", "docker.io/library/y:latest"])
        #expect(stored.config.cmd == ["/bin/run"] && stored.config.env == ["A=b"])
        #expect(stored.size == 8)
        #expect(stored.layerDirectories.count == 2)
        #expect(try text(stored.layerDirectories[0] + "/etc/a") == "1")
        #expect(try text(stored.layerDirectories[1] + "/bin/run") == "program")
        for name in [
            "y", "y:latest", "docker.io/library/y", "apus/x:1", stored.digest, "\(Digest(of: image.configBytes))",
        ] {
            #expect(try store.image(name) == stored, "\(name)")
        }
        #expect(try store.image("y:2") == nil)
        #expect(try store.list() == [stored])
        // Another process sees the same.
        #expect(try ImageStore(directory: folder.path + "/store").list() == [stored])
    }

    @Test(arguments: [false, true], [false, true]) func importsOCILayouts(isDirectory: Bool, isCompressed: Bool) throws
    {
        let image = try ImageBuilder([Self.base], isCompressed: isCompressed)
        let files = image.layout(name: "registry.local/x:2")
        let path: String
        if isDirectory {
            for file in files { _ = try folder.write("layout/" + file.path, file.bytes) }
            path = folder.path + "/layout"
        } else {
            path = try folder.write("a.tar.gz", try ImageBuilder.archive(files, isCompressed: true))
        }
        let stored = try #require(try store.importArchive(path).first)
        #expect(stored.digest == "\(Digest(of: image.manifestBytes))")
        #expect(stored.references == ["registry.local/x:2"])
        #expect(try store.image("registry.local/x@\(stored.digest)") == stored)
        #expect(try store.image("registry.local/z@\(stored.digest)") == nil)
        #expect(try store.importArchive(path, name: "other").first?.references.last == "docker.io/library/other:latest")
        #expect(try Directory(path: folder.path + "/store/tmp").entries().isEmpty)
    }

    @Test func choosesThePlatformFromAList() throws {
        let mine = try ImageBuilder([Self.base])
        var other = try ImageBuilder([[.file("other", "1")]])
        other.architecture = "sparc"
        func entry(_ image: ImageBuilder) -> JSONValue {
            var entry = ImageBuilder.descriptor("application/vnd.oci.image.manifest.v1+json", image.manifestBytes)
            entry[path: "platform"] = ["os": "linux", "architecture": .string(image.architecture)]
            return entry
        }
        let list = JSONWriter.bytes(["schemaVersion": 2, "manifests": [entry(other), entry(mine)]])
        var top = ImageBuilder.descriptor("application/vnd.oci.image.index.v1+json", list)
        top[path: "annotations"] = ["io.containerd.image.name": "docker.io/library/both:1"]
        let files =
            [("index.json", JSONWriter.bytes(["schemaVersion": 2, "manifests": [top]]))]
            + [list, mine.manifestBytes, mine.configBytes, mine.layers[0].compressed].map {
                ("blobs/sha256/\(Digest(of: $0).hex)", $0)
            }
        let archive = try folder.write("a.tar", try ImageBuilder.archive(files))
        #expect(try store.importArchive(archive).first?.digest == "\(Digest(of: mine.manifestBytes))")
        #expect(try store.image("both:1") != nil)
        let alone = try folder.write("b.tar", try ImageBuilder.archive(other.dockerArchive(tags: ["o"])))
        #expect(throws: ImageError.self) { try store.importArchive(alone) }
    }

    @Test func layersAreSharedAndGoWithTheLastImage() throws {
        let one = try ImageBuilder([Self.base, [.file("one", "1")]])
        let two = try ImageBuilder([Self.base, [.file("two", "2")]])
        _ = try store.importArchive(
            try folder.write("1.tar", try ImageBuilder.archive(one.dockerArchive(tags: ["one"]))))
        _ = try store.importArchive(
            try folder.write("2.tar", try ImageBuilder.archive(two.dockerArchive(tags: ["two"]))))
        #expect(try layers().count == 3)
        try store.remove("one")
        #expect(try store.image("one") == nil)
        #expect(try layers().count == 2)
        try store.remove("one")
        try store.remove("two")
        #expect(try layers().isEmpty)
        #expect(try Directory(path: folder.path + "/store/blobs/sha256").entries().isEmpty)
    }

    @Test func aNameMovesToTheNewImage() throws {
        for content in ["1", "2"] {
            let image = try ImageBuilder([[.file("f", content)]])
            _ = try store.importArchive(
                try folder.write("a.tar", try ImageBuilder.archive(image.dockerArchive(tags: ["x", "y:\(content)"]))))
        }
        let now = try #require(try store.image("x"))
        #expect(try text(now.layerDirectories[0] + "/f") == "2")
        #expect(try store.image("y:1")?.references == ["docker.io/library/y:1"])
        // Of two names one is taken away; the image stays.
        try store.remove("x")
        #expect(try store.image("y:2") != nil && store.image("x") == nil)
        #expect(try store.prune().isEmpty)
        #expect(try store.prune(all: true).count == 2)
    }

    @Test func damageIsRefusedAndLeavesNothing() throws {
        var wrong = try ImageBuilder([Self.base])
        wrong.diffIDs = [Digest(of: [1])]
        let cases: [(String, [UInt8])] = [
            ("wrong diff ID", try ImageBuilder.archive(wrong.dockerArchive(tags: ["a"]))),
            ("no image", try ImageBuilder.archive([("readme", [1])])),
            ("no archive", Array(repeating: 65, count: 2000)),
            ("empty", []),
            ("zstd", [0x28, 0xb5, 0x2f, 0xfd, 0, 0]),
            ("cut gzip", Array(try ImageBuilder.archive(wrong.layout(name: "a:1"), isCompressed: true).dropLast(20))),
        ]
        for (name, bytes) in cases {
            let archive = try folder.write("bad", bytes)
            let error = #expect(throws: ImageError.self, "\(name)") { try store.importArchive(archive) }
            #expect(error?.description.contains("\n") == false)
        }
        var files = try ImageBuilder([Self.base]).layout(name: "a:1")
        files[4].bytes[files[4].bytes.count / 2] ^= 1
        let damaged = try folder.write("bad", try ImageBuilder.archive(files))
        #expect(throws: ImageError.self) { try store.importArchive(damaged) }
        #expect(try store.list().isEmpty)
        #expect(try layers().isEmpty)
        #expect(try Directory(path: folder.path + "/store/tmp").entries().isEmpty)
    }

    @Test func whatACrashLeftGoes() throws {
        let image = try ImageBuilder([Self.base])
        _ = try store.importArchive(
            try folder.write("1.tar", try ImageBuilder.archive(image.dockerArchive(tags: ["one"]))))
        let path = folder.path + "/store"
        try FileWriting.makeDirectories("\(path)/tmp/abc/fs/deep/er")
        try FileWriting.makeDirectories("\(path)/layers/\(Digest(of: [9]).hex)/fs/x")
        try FileWriting.replace("\(path)/blobs/sha256/\(Digest(of: [8]).hex)", [8])
        let again = try ImageStore(directory: path)
        #expect(try layers().count == 1)
        #expect(!exists("\(path)/tmp/abc") && !exists("\(path)/blobs/sha256/\(Digest(of: [8]).hex)"))
        #expect(try again.image("one") != nil)
    }

    /// Two at once, as two agents would: the store stays whole.
    @Test func importsAtTheSameTime() async throws {
        let archives = try (0..<4).map { index in
            let image = try ImageBuilder([Self.base, [.file("n", "\(index)")]])
            return try folder.write("\(index).tar", try ImageBuilder.archive(image.dockerArchive(tags: ["i\(index)"])))
        }
        let path = folder.path + "/store"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for archive in archives {
                group.addTask {
                    try await onThread { _ = try ImageStore(directory: path).importArchive(archive) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.list().count == 4)
        #expect(try layers().count == 5)
    }
}
