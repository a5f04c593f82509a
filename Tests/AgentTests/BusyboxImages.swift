import Foundation
import NodeServices

/// One image, Debian's static busybox, under every name but those that begin with `missing`.
struct BusyboxImages: ImageService {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    let root: String

    /// One that was made before.
    init(existing root: String) { self.root = root }

    init(root: String) throws {
        self.root = root
        let files = FileManager.default
        for path in ["bin", "tmp", "etc", "proc", "sys", "dev", "data"] {
            try files.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "/bin/busybox", toPath: "\(root)/bin/busybox")
        for tool in [
            "sh", "sleep", "cat", "echo", "touch", "ls", "id", "env", "grep", "nc", "httpd", "wget", "true", "false",
            "hostname", "mount", "ps", "kill", "stat", "readlink", "printf", "seq", "mkdir", "tr", "ip", "ln",
        ] {
            try files.createSymbolicLink(atPath: "\(root)/bin/\(tool)", withDestinationPath: "busybox")
        }
        try "root:x:0:0::/:/bin/sh\nweb:x:101:102::/:/bin/sh\n".write(
            toFile: "\(root)/etc/passwd", atomically: true, encoding: .utf8)
        try "web:x:102:\nextra:x:200:web\n".write(toFile: "\(root)/etc/group", atomically: true, encoding: .utf8)
    }

    func isReference(_ text: String) -> Bool { !text.contains(" ") }

    func image(_ reference: String) throws -> StoredImage? {
        reference.hasPrefix("missing")
            ? nil
            : StoredImage(
                digest: "sha256:busybox", references: [reference], size: 1 << 20,
                config: ImageConfig(cmd: ["sh"], env: ["PATH=/bin"], user: reference.hasPrefix("web") ? "web" : ""),
                layerDirectories: [root])
    }

    func pull(_ reference: String, credentials: ImageCredentials?) async throws -> StoredImage {
        guard let image = try image(reference) else {
            throw Missing(description: "there is no registry for \(reference)")
        }
        return image
    }

    func credentials(in secret: [UInt8], for reference: String) -> ImageCredentials? { nil }

    func list() throws -> [StoredImage] { try image("busybox:1").map { [$0] } ?? [] }
    func remove(_ reference: String) throws {}

    func collectGarbage(_ extent: ImageExtent, inUse: Set<String>, lastUsed: [String: Int64]) throws -> [String] { [] }
}
