import CLinux
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import Images

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: gives files their owners"))
struct LayerUnpackerTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// Unpacks layers on each other, the lowest first; the directories, the topmost first.
    private func unpack(_ layers: [Member]..., limits: UnpackLimits = UnpackLimits()) throws -> [String] {
        var done: [String] = []
        for (index, members) in layers.enumerated() {
            let path = "\(folder.path)/layer\(index)"
            mkdir(path, 0o755)
            let unpacker = LayerUnpacker(
                into: try Directory(path: path), below: try done.map { try Directory(path: $0) }, limits: limits,
                name: "layer \(index)")
            _ = try unpacker.unpack(MemorySource(try TestTar.bytes(members)))
            done.insert(path, at: 0)
        }
        return done
    }

    private func status(_ path: String) throws -> stat {
        var found = stat()
        try #require(lstat(path, &found) == 0, "\(path)")
        return found
    }

    @Test func keepsOwnersModesTimesAndAttributes() throws {
        let layers = try unpack([
            Member("d", .directory, mode: 0o2750, user: 3, group: 4, modified: 1000),
            Member(
                "d/setuid", .file, mode: 0o4755, user: 5, group: 6, modified: 2000, content: Array("x".utf8),
                attributes: [
                    "user.a": "b", "trusted.overlay.redirect": "/etc", "user.overlay.opaque": "y",
                ]),
            .hardLink("hard", "d/setuid"), .link("soft", "d/setuid"),
            Member("null", .characterDevice(major: 1, minor: 3), mode: 0o666), Member("pipe", .fifo),
        ])
        let root = layers[0]
        let directory = try status(root + "/d")
        #expect(directory.st_mode == S_IFDIR | 0o2750 && directory.st_uid == 3 && directory.st_gid == 4)
        #expect(directory.st_mtim.tv_sec == 1000)
        let file = try status(root + "/d/setuid")
        #expect(file.st_mode == S_IFREG | 0o4755 && file.st_uid == 5 && file.st_gid == 6 && file.st_nlink == 2)
        #expect(file.st_mtim.tv_sec == 2000)
        #expect(try status(root + "/hard").st_ino == file.st_ino)
        let device = try status(root + "/null")
        #expect(device.st_mode == S_IFCHR | 0o666 && device.st_rdev == apus_device(1, 3))
        #expect(try status(root + "/pipe").st_mode & S_IFMT == S_IFIFO)
        var value = [UInt8](repeating: 0, count: 8)
        #expect(getxattr(root + "/d/setuid", "user.a", &value, 8) == 1)
        #expect(getxattr(root + "/d/setuid", "trusted.overlay.redirect", &value, 8) < 0)
        #expect(getxattr(root + "/d/setuid", "user.overlay.opaque", &value, 8) < 0)
    }

    @Test(arguments: [
        [Member.file("../outside", "x")], [.file("a/../../outside", "x")],
        [.hardLink("h", "../../etc/passwd")], [.hardLink("h", "/etc/passwd")], [.hardLink("h", "nothing")],
        [.file("f", "x"), .file("f/below", "y")],
        [Member("w", .characterDevice(major: 0, minor: 0))],
        [.link("loop", "loop"), .file("loop/x", "y")],
        [.link("a", "b"), .link("b", "a"), .file("a/x", "y")],
        [.directory("d"), .hardLink("h", "d")],
        [.file(".wh...", "")],
    ]) func hostileEntriesAreRefused(members: [Member]) throws {
        #expect(throws: ImageError.self) { _ = try unpack(members) }
        #expect(!exists(folder.path + "/outside"))
    }

    /// Links may point anywhere: inside a container that is their right. What is unpacked through them stays below the root.
    @Test func linksLeadNowhereButInside() throws {
        let marker = folder.path + "/outside"
        mkdir(marker, 0o755)
        let layers = try unpack([
            .link("abs", marker), .file("abs/one", "1"), .link("up", "../../../../../../tmp"), .file("up/two", "2"),
            .link("etc", "/etc"), .hardLink("passwd-dir", "abs/one"),
        ])
        #expect(try Directory(path: marker).entries().isEmpty)
        #expect(!exists("/tmp/two"))
        #expect(try text(layers[0] + marker + "/one") == "1")
        #expect(try text(layers[0] + "/tmp/two") == "2")
        #expect(try text(layers[0] + "/passwd-dir") == "1")
    }

    @Test func laterEntriesReplaceEarlierOnes() throws {
        let layers = try unpack([
            .directory("d"), .file("d/a", "1"), .file("d", "now a file"), .link("l", "/etc"), .directory("l"),
            .file("l/x", "2"), .file("f", "old"), .file("f", "new"), .link("f2", "f"), .file("f2", "own"),
        ])
        #expect(try text(layers[0] + "/d") == "now a file")
        #expect(try text(layers[0] + "/l/x") == "2")
        #expect(try text(layers[0] + "/f") == "new")
        #expect(try text(layers[0] + "/f2") == "own")
    }

    @Test func directoriesThatAreNotNamedLookLikeThoseBelow() throws {
        let layers = try unpack(
            [
                Member("tmp", .directory, mode: 0o1777, user: 7, modified: 1234), .directory("usr/bin"),
                .link("bin", "usr/bin"),
                .link("var/run", "/run"), .directory("run"),
            ], [.file("tmp/x", "1"), .file("bin/tool", "2"), .file("var/run/pid", "3"), .file("new/y", "4")])
        let made = try status(layers[0] + "/tmp")
        #expect(made.st_mode == S_IFDIR | 0o1777 && made.st_uid == 7 && made.st_mtim.tv_sec == 1234)
        // Through the link of the layer below, which stays a link.
        #expect(try text(layers[0] + "/usr/bin/tool") == "2")
        #expect(!exists(layers[0] + "/bin"))
        #expect(try text(layers[0] + "/run/pid") == "3")
        #expect(try status(layers[0] + "/new").st_mode == S_IFDIR | 0o755)
    }

    /// The kernel's own overlayfs is the witness.
    @Test func overlayfsShowsWhatTheLayersMean() throws {
        let layers = try unpack(
            [
                .file("keep", "k"), .file("gone", "g"), .directory("emptied"), .file("emptied/old", "o"),
                .directory("remade"), .file("remade/old", "o"), .file("implicit/old", "o"), .file("dir/file", "1"),
            ],
            [
                .file(".wh.gone", ""), .file("emptied/new", "n"), .file("emptied/.wh..wh..opq", ""),
                .file(".wh.remade", ""), .directory("remade"), .file("remade/new", "n"),
                .file(".wh.implicit", ""), .file("implicit/new", "n"), .file("own", "1"), .file(".wh.own", ""),
                .file("dir/.wh..wh.plnk", ""),
            ], [.file(".wh.keep", ""), .file("top", "t")])
        let shown = try Overlay.list(layers, mountedBelow: folder)
        #expect(
            shown == [
                "dir", "dir/file", "emptied", "emptied/new", "implicit", "implicit/new", "own", "remade", "remade/new",
                "top",
            ])
    }

    @Test func limitsHold() throws {
        var limits = UnpackLimits()
        limits.bytes = 10
        limits.entries = 3
        limits.depth = 4
        #expect(throws: ImageError.self) {
            _ = try unpack([.file("a", "123456"), .file("b", "123456")], limits: limits)
        }
        #expect(throws: ImageError.self) { _ = try unpack((0..<4).map { .file("\($0)", "") }, limits: limits) }
        #expect(throws: ImageError.self) { _ = try unpack([.file("a/b/c/d/e/f", "")], limits: limits) }
        #expect(throws: ImageError.self) { _ = try unpack([.file(String(repeating: "n", count: 300), "")]) }
    }
}

/// Mounts layers in a mount namespace of its own.
enum Overlay {
    /// Every path below the mount, sorted.
    static func list(_ layers: [String], mountedBelow folder: Folder) throws -> [String] {
        let point = folder.path + "/mount"
        mkdir(point, 0o755)
        // mount(8) in a namespace of a process of its own leaves nothing behind.
        let script =
            "mount -t overlay overlay -o lowerdir=\(layers.joined(separator: ":")) \(point) && cd \(point) && find . -mindepth 1 | sort"
        let output = try Program.output(of: "unshare", ["-m", "/bin/sh", "-c", script])
        return output.split(separator: "\n").map { String($0.dropFirst(2)) }
    }
}
