import Glibc
import Testing

@testable import Manifests

@Suite struct InotifyEventTests {
    private static func record(_ watch: Int32, _ mask: Int32, _ name: String) -> [UInt8] {
        var bytes: [UInt8] = []
        let padded = name.isEmpty ? [] : Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count % 16)
        for word in [UInt32(bitPattern: watch), UInt32(bitPattern: mask), 0, UInt32(padded.count)] {
            withUnsafeBytes(of: word) { bytes += $0 }
        }
        return bytes + padded
    }

    @Test func parsesWholeRecords() {
        let bytes = Self.record(1, IN_CREATE, "a.yaml") + Self.record(2, IN_DELETE_SELF, "")
        let expected = [
            InotifyEvent(watch: 1, mask: UInt32(IN_CREATE), name: "a.yaml"),
            InotifyEvent(watch: 2, mask: UInt32(IN_DELETE_SELF), name: ""),
        ]
        #expect(bytes.withUnsafeBytes { InotifyEvent.parse($0) } == expected)
        for length in 0..<bytes.count {
            let events = bytes[..<length].withUnsafeBytes { InotifyEvent.parse($0) }
            #expect(events == Array(expected.prefix(events.count)))
        }
    }

    @Test(
        arguments: [
            (1, IN_CLOSE_WRITE, "a.yaml", .file("a.yaml")), (1, IN_MOVED_TO, "a.json", .file("a.json")),
            (1, IN_MOVED_FROM, "a.yml", .file("a.yml")), (1, IN_DELETE, "a.yaml", .file("a.yaml")),
            (1, IN_CREATE, "a.yaml", .created("a.yaml")), (1, IN_CLOSE_WRITE, "a.txt", .nothing),
            (1, IN_CLOSE_WRITE, ".a.yaml", .nothing), (1, IN_CLOSE_WRITE, ".yaml", .nothing),
            (1, IN_MOVED_TO, "..data", .everything), (1, IN_DELETE_SELF, "", .everything),
            (1, IN_IGNORED, "", .everything),
            (1, IN_MOVE_SELF, "", .everything), (2, IN_MOVED_TO, "manifests", .everything),
            (2, IN_CREATE, "other", .nothing),
            (-1, IN_Q_OVERFLOW, "", .everything), (3, IN_IGNORED, "", .nothing),
        ] as [(Int32, Int32, String, DirectoryChange)])
    func meaning(_ watch: Int32, _ mask: Int32, _ name: String, _ change: DirectoryChange) {
        let event = InotifyEvent(watch: watch, mask: UInt32(mask), name: name)
        #expect(DirectoryChange(event, directory: 1, parent: 2, name: "manifests") == change)
    }
}
