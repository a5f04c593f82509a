import Glibc
import TestPrograms
import TestRandom
import TestThreads
import Testing

@testable import Images

@Suite(.ownThread) struct TarReaderTests {
    /// Names, targets and numbers beyond what ustar's fields hold.
    static let script = """
        import io, sys, tarfile
        form = {'ustar': tarfile.USTAR_FORMAT, 'gnu': tarfile.GNU_FORMAT, 'pax': tarfile.PAX_FORMAT}[sys.argv[1]]
        with tarfile.open(sys.argv[2], 'w', format=form) as tar:
            def add(name, kind=tarfile.REGTYPE, data=b'', **more):
                info = tarfile.TarInfo(name)
                info.type, info.size, info.mtime, info.mode = kind, len(data), 1234567890, 0o640
                for key, value in more.items(): setattr(info, key, value)
                tar.addfile(info, io.BytesIO(data))
            add('dir', tarfile.DIRTYPE)
            add('dir/file', data=b'hello', uid=1000, gid=100)
            add('dir/' + '/'.join(['n' * 40] * 3), data=b'x' * 1000)
            add('link', tarfile.SYMTYPE, linkname='dir/file')
            add('hard', tarfile.LNKTYPE, linkname='dir/file')
            add('null', tarfile.CHRTYPE, devmajor=1, devminor=3)
            add('pipe', tarfile.FIFOTYPE)
            if form != tarfile.USTAR_FORMAT:
                add('far', tarfile.SYMTYPE, linkname='t' * 200)
                add('big-owner', uid=3000000000, gid=4294967294)
            if form == tarfile.PAX_FORMAT:
                add('précis', mtime=1234567890.25, pax_headers={'SCHILY.xattr.user.x': 'y\\nz'})
        """

    @Test(arguments: ["ustar", "gnu", "pax"]) func readsWhatPythonWrites(format: String) throws {
        let folder = try Folder()
        let archive = folder.path + "/archive.tar"
        try Program.output(of: "python3", ["-c", Self.script, format, archive])
        let reader = TarReader(try FileSource(path: archive), name: "archive")
        var entries: [String: TarEntry] = [:]
        var content: [String: [UInt8]] = [:]
        while let entry = try reader.next() {
            entries[entry.name] = entry
            var bytes = [UInt8](repeating: 0, count: 2000)
            let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
            content[entry.name] = Array(bytes.prefix(count))
        }
        #expect(entries["dir/"]?.kind == .directory)
        #expect(entries["dir/file"]?.user == 1000 && entries["dir/file"]?.group == 100)
        #expect(entries["dir/file"]?.mode == 0o640)
        #expect(entries["dir/file"]?.modified.seconds == 1_234_567_890)
        #expect(content["dir/file"] == Array("hello".utf8))
        let long = "dir/" + Array(repeating: String(repeating: "n", count: 40), count: 3).joined(separator: "/")
        #expect(content[long]?.count == 1000)
        #expect(entries["link"]?.kind == .symbolicLink(target: Array("dir/file".utf8)))
        #expect(entries["hard"]?.kind == .hardLink(target: Array("dir/file".utf8)))
        #expect(entries["null"]?.kind == .characterDevice(major: 1, minor: 3))
        #expect(entries["pipe"]?.kind == .fifo)
        guard format != "ustar" else { return }
        #expect(entries["far"]?.kind == .symbolicLink(target: [UInt8](repeating: UInt8(ascii: "t"), count: 200)))
        #expect(entries["big-owner"]?.user == 3_000_000_000 && entries["big-owner"]?.group == 4_294_967_294)
        guard format == "pax" else { return }
        #expect(entries["précis"]?.modified == TarTime(seconds: 1_234_567_890, nanoseconds: 250_000_000))
        #expect(entries["précis"]?.extendedAttributes == [.init(name: Array("user.x".utf8), value: Array("y\nz".utf8))])
    }

    @Test func pythonReadsWhatTheWriterWrites() throws {
        let folder = try Folder()
        let name = String(repeating: "long/", count: 40) + "file"
        let bytes = try TestTar.bytes([
            .file(name, "content"), .link("l", String(repeating: "t", count: 150)),
            Member("x", .file, user: 3_000_000, content: [1], attributes: ["user.k": "v"]),
        ])
        let archive = try folder.write("a.tar", bytes)
        let script = """
            import sys, tarfile
            with tarfile.open(sys.argv[1]) as tar:
                for member in tar: print(member.name, member.linkname, member.uid, member.pax_headers.get('SCHILY.xattr.user.k'))
                print(tar.extractfile(sys.argv[2]).read().decode())
            """
        let output = try Program.output(of: "python3", ["-c", script, archive, name])
        #expect(
            output == """
                \(name)  0 None
                l \(String(repeating: "t", count: 150)) 0 None
                x  3000000 v
                content

                """)
    }

    @Test func cutShortAnywhereIsAnErrorOrAShorterArchive() throws {
        let whole = try TestTar.bytes([
            .file("a", "hello"), .directory("d"), .file("d/b", String(repeating: "x", count: 600)),
        ])
        for length in stride(from: 0, to: whole.count - 1024, by: 37) {
            let reader = TarReader(MemorySource(whole[..<length]), name: "archive")
            var count = 0
            do {
                while let _ = try reader.next() { count += 1 }
                // Only between members.
                #expect(length % 512 == 0)
            } catch {
                #expect(error.code == .malformed)
            }
            #expect(count <= 3)
        }
    }

    /// Whatever the bytes, reading ends, with an error or without.
    @Test(arguments: 0..<8) func damagedArchivesEnd(seed: UInt64) throws {
        let good = try TestTar.bytes([
            .file("a", "hello"), .link(String(repeating: "n", count: 120), "t"), .hardLink("h", "a"), .directory("d"),
            Member("x", .file, content: [1, 2], attributes: ["user.a": "b"]),
        ])
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<(1 + random.next() % 8) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            // Right checksums let damage through to what comes after them.
            for start in stride(from: 0, to: bytes.count, by: 512) where random.next() % 2 == 0 {
                let block = start..<(start + 512)
                let sum = bytes[block].enumerated().reduce(0) {
                    $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
                }
                let digits = String(sum, radix: 8)
                bytes.replaceSubrange(
                    (start + 148)..<(start + 156),
                    with: Array((String(repeating: "0", count: 7 - digits.count) + digits).utf8) + [0])
            }
            let reader = TarReader(MemorySource(bytes), name: "archive")
            var count = 0
            do throws(ImageError) {
                while try reader.next() != nil { count += 1 }
            } catch {
                #expect([.malformed, .tooLarge, .unsupported].contains(error.code), "seed \(seed)")
            }
            #expect(count <= bytes.count / 512)
        }
    }

    @Test(
        arguments: [
            ("0000644\0", 0o644), ("  644 \0 ", 0o644), ("\0\0\0\0\0\0\0\0", 0), ("77777777", 0o77777777),
        ] as [(String, Int64)])
    func readsNumbers(field: String, value: Int64) {
        Array(field.utf8).withUnsafeBytes { #expect(TarHeader.number($0[...]) == value) }
    }

    @Test func readsNumbersInBase256() {
        func number(_ bytes: [UInt8]) -> Int64? { bytes.withUnsafeBytes { TarHeader.number($0[...]) } }
        #expect(number([0x80, 0, 0, 0, 0, 0, 1, 0]) == 256)
        #expect(number([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]) == -2)
        #expect(number([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) == nil)
        #expect(number([0x90, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(number(Array("64x\0".utf8)) == nil)
    }
}
