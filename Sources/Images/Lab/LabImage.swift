import Glibc
import KubeAPI
import NodeServices

/// The image `apus/lab`, made on this machine of what is on it: busybox for a shell and tools, and this program with its
/// libraries for an echo server and a client. It needs no registry.
public struct LabImage: Sendable {
    /// A static one.
    public var busybox: String
    /// The names under which busybox is started.
    public var applets: [String]
    /// The executable of this program.
    public var program: String

    public static let reference = "apus/lab:latest"
    /// Pods that name `latest` ask a registry each time unless they say otherwise; those that name this do not.
    public static let fixedReference = "apus/lab:v1"

    public init(busybox: String, applets: [String], program: String) {
        self.busybox = busybox
        self.applets = applets
        self.program = program
    }

    /// Puts it into the store. The same files make the same image.
    public func build(in store: ImageStore) throws -> StoredImage {
        let lock = try StoreLock(store.layout.contentLock, .shared)
        defer { withExtendedLifetime(lock) {} }
        guard try ELFFile(path: busybox).interpreter == nil else {
            throw ImageError(.unsupported, "\(busybox) needs libraries; install busybox-static")
        }
        let directory = try store.temporaryDirectory()
        defer { store.removeTemporary(directory) }
        let layers = try [
            archive(directory + "/tools") { try addTools($0) }, archive(directory + "/program") { try addProgram($0) },
        ]
        let config = JSONWriter.bytes([
            "architecture": .string(store.platform.architecture), "os": .string(store.platform.os),
            "config": [
                "Cmd": ["/bin/apus", "lab", "echo", "--ports", "80,8080"], "WorkingDir": "/",
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                "ExposedPorts": ["80/tcp": [:], "80/udp": [:], "8080/tcp": [:], "8080/udp": [:]],
            ],
            "rootfs": ["type": "layers", "diff_ids": .array(layers.map { .string("\($0.digest)") })],
        ])
        let content = ImageContent(
            manifest: DockerArchive.manifest(config: config, diffIDs: layers.map(\.digest)), config: config,
            layers: layers.map { layer in LayerContent(digest: layer.digest) { try FileSource(path: layer.path) } },
            name: Self.reference)
        return try store.add(
            content, references: [try ImageReference(Self.reference), try ImageReference(Self.fixedReference)],
            isLocal: true)
    }

    private func archive(
        _ path: String, _ fill: (TarWriter) throws -> Void
    ) throws -> (path: String, digest: Digest) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ImageError.last("write \(path)") }
        defer { close(file) }
        let writer = TarWriter { try FileWriting.writeAll($0, to: file, name: path) }
        try fill(writer)
        try writer.end()
        let hash = HashingSource(try FileSource(path: path))
        try hash.drain()
        return (path, hash.digest)
    }

    private func addTools(_ writer: TarWriter) throws {
        for name in [
            "bin", "dev", "etc", "home", "proc", "root", "run", "sbin", "sys", "usr", "usr/bin", "usr/sbin", "var",
        ] {
            try writer.add(Self.entry(name, .directory, mode: 0o755))
        }
        for name in ["tmp", "var/tmp"] { try writer.add(Self.entry(name, .directory, mode: 0o1777)) }
        try writer.add(Self.entry("etc/passwd", .file, mode: 0o644), content: Array(Self.users.utf8))
        try writer.add(Self.entry("etc/group", .file, mode: 0o644), content: Array("root:x:0:\nnobody:x:65534:\n".utf8))
        try addFile(busybox, as: "bin/busybox", writer)
        for applet in Set(applets).subtracting(["busybox"]).sorted() where FileName(applet) != nil {
            try writer.add(Self.entry("bin/\(applet)", .hardLink(target: Array("bin/busybox".utf8)), mode: 0o755))
        }
        try writer.add(Self.entry("usr/bin/env", .symbolicLink(target: Array("/bin/busybox".utf8)), mode: 0o777))
    }

    private static let users = """
        root:x:0:0:root:/root:/bin/sh
        nobody:x:65534:65534:nobody:/:/bin/false

        """

    /// Libraries go where the dynamic linker looks without being told.
    private func addProgram(_ writer: TarWriter) throws {
        let closure = try LibraryClosure(of: program)
        try writer.add(Self.entry("usr/lib", .directory, mode: 0o755))
        for (name, path) in closure.libraries.sorted(by: { $0.key < $1.key }) {
            try addFile(path, as: "usr/lib/\(name)", writer)
        }
        if let interpreter = closure.interpreter {
            let place = interpreter.drop { $0 == "/" }
            if let slash = place.lastIndex(of: "/") {
                try writer.add(Self.entry(String(place[..<slash]), .directory, mode: 0o755))
            }
            try addFile(interpreter, as: String(place), writer)
        }
        try addFile(program, as: "bin/apus", writer)
    }

    private func addFile(_ path: String, as name: String, _ writer: TarWriter) throws {
        var found = stat()
        guard stat(path, &found) == 0 else { throw ImageError.last("read \(path)") }
        var entry = Self.entry(name, .file, mode: 0o755)
        entry.size = Int64(found.st_size)
        try writer.add(entry, from: try FileSource(path: path))
    }

    /// Root's, of the beginning of time: the image depends on nothing but the files' content.
    private static func entry(_ name: String, _ kind: TarEntry.Kind, mode: UInt32) -> TarEntry {
        TarEntry(
            path: Array(name.utf8), kind: kind, mode: mode, user: 0, group: 0, modified: TarTime(seconds: 0), size: 0)
    }
}
