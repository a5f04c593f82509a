import Foundation
import TestPrograms
import TestThreads
import Testing

/// The packet-flow table on a kernel with IPVS, and pods' limits by cgroup v2, in a guest that QEMU emulates.
@Suite(.ownThread) struct GuestTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let seconds = 900

    /// Beside the test bundle, from the same build.
    private static var program: String? {
        let folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
            URL(filePath: $0).deletingLastPathComponent()
        }
        let candidates = [folder, root.appending(path: ".build/debug")].compactMap {
            $0?.appending(path: "ipvs-guest").path
        }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// There it must run.
    private static var isCI: Bool { ProcessInfo.processInfo.environment["CI"] != nil }

    private static var canRun: Bool {
        let tools = ["bin/qemu-system-x86_64", "sbin/ipvsadm", "sbin/modprobe", "bin/cpio"]
        return program != nil
            && tools.allSatisfy { access("/usr/\($0)", X_OK) == 0 || access("/\($0)", X_OK) == 0 }
    }

    @Test(.enabled(if: canRun || isCI, "needs QEMU, ipvsadm, kmod and cpio: run scripts/install-packages"))
    func theKernelAgrees() throws {
        let image = FileManager.default.temporaryDirectory.appending(path: "apus-guest-\(getpid()).cpio").path
        defer { try? FileManager.default.removeItem(atPath: image) }
        let packed = try Self.run("guest-image", [try #require(Self.program), image])
        try #require(packed.status == 0, "\(packed.output.suffix(600))")
        let guest = try Self.run("guest-run", [image, "\(Self.seconds)"])
        let lines = guest.output.split(whereSeparator: \.isNewline).map(String.init)
        #expect(lines.filter { $0.hasPrefix("guest flow:") } == [])
        #expect(lines.filter { $0.hasPrefix("guest audit:") || $0.hasPrefix("guest missing:") } == [])
        #expect(lines.filter { $0.hasPrefix("guest wrong:") } == [])
        #expect(lines.filter { $0.hasPrefix("guest check:") }.count == 135)
        #expect(lines.filter { $0.hasPrefix("guest cgroup:") }.count == 15)
        #expect(lines.filter { $0.hasPrefix("guest group:") }.count == 7)
        let again = lines.filter { $0.hasPrefix("guest sync:") }
        #expect(again.count == 14 && again.allSatisfy { $0.hasSuffix("again 0") }, "\(again)")
        #expect(lines.contains { $0.contains("-> 10.1.0.2:8080") }, "ipvsadm shows no destination")
        let left = lines.drop { !$0.hasPrefix("guest left:") }.dropFirst().prefix { !$0.hasPrefix("guest end:") }
        #expect(Array(left) == [], "cleanup left something")
        #expect(lines.contains { $0.hasPrefix("guest done:") }, "\(lines.suffix(20).joined(separator: "\n"))")
    }

    private static func run(_ script: String, _ arguments: [String]) throws -> Program.Result {
        try Program.run(root.appending(path: "scripts/\(script)").path, arguments, seconds: Double(seconds) + 60)
    }
}
