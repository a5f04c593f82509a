import Glibc
import TestPrograms
import TestRandom
import TestThreads
import Testing

@testable import Images

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: gives files their owners"))
struct LabImageTests {
    @Test func readsTheSystemsOwnPrograms() throws {
        let shell = try ELFFile(path: "/bin/sh")
        #expect(shell.interpreter?.hasPrefix("/lib") == true)
        #expect(shell.needed.contains { $0.hasPrefix("libc.so") })
        let closure = try LibraryClosure(of: "/usr/bin/python3").libraries
        #expect(closure["libc.so.6"] != nil)
        #expect(closure.values.allSatisfy { exists($0) })
    }

    @Test(arguments: 0..<4) func damagedProgramsEnd(seed: UInt64) throws {
        let folder = try Folder()
        let good = try FileSource(path: "/bin/true").readAll(limit: 1 << 20, name: "true")
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            var bytes = good
            for _ in 0..<20 { bytes[Int(random.next() % 1024)] = UInt8(truncatingIfNeeded: random.next()) }
            if random.next() % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
            let path = try folder.write("program", bytes)
            do throws(ImageError) {
                _ = try ELFFile(path: path)
            } catch {
                #expect([.malformed, .unsupported].contains(error.code))
            }
        }
    }

    @Test(.enabled(if: access("/bin/busybox", X_OK) == 0, "needs busybox-static"))
    func noShortageTakesWhatNobodyCouldFetchAgain() throws {
        let folder = try Folder()
        let old = try ImageStore(directory: folder.path + "/store", clock: { 1000 })
        let first = try LabImage(busybox: "/bin/busybox", applets: ["sh"], program: "/bin/true").build(in: old)
        let store = try ImageStore(directory: folder.path + "/store", clock: { 5000 })
        #expect(try store.collectGarbage(.unused, inUse: [], lastUsed: [:]).isEmpty)
        // Another takes its names.
        let second = try LabImage(busybox: "/bin/busybox", applets: ["ls"], program: "/bin/true").build(in: old)
        #expect(try store.collectGarbage(.unused, inUse: [], lastUsed: [:]) == [first.digest])
        #expect(try store.list().map(\.digest) == [second.digest])
    }

    /// With a small program in the place of ours.
    @Test(.enabled(if: access("/bin/busybox", X_OK) == 0, "needs busybox-static")) func runsInItsOwnRoot() throws {
        let folder = try Folder()
        let store = try ImageStore(directory: folder.path + "/store")
        let lab = LabImage(
            busybox: "/bin/busybox", applets: ["sh", "echo", "busybox", "nslookup", "../x"], program: "/bin/sort")
        let image = try lab.build(in: store)
        #expect(image.references.sorted() == ["docker.io/apus/lab:latest", "docker.io/apus/lab:v1"])
        #expect(try lab.build(in: store) == image)
        #expect(try store.list().count == 1)
        let root = image.layerDirectories.joined(separator: ":")
        let point = folder.path + "/mount"
        mkdir(point, 0o755)
        let script =
            "mount -t overlay overlay -o lowerdir=\(root) \(point) && exec chroot \(point) /bin/sh -c '(echo b; echo a) | /bin/apus'"
        #expect(try Program.output(of: "unshare", ["-m", "/bin/sh", "-c", script]) == "a\nb\n")
    }
}
