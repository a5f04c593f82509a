import Compression
import Glibc
import KubeAPI

@testable import Images

/// Makes images and their archives for tests.
struct ImageBuilder {
    struct Layer {
        var tar: [UInt8]
        var compressed: [UInt8]

        init(_ members: [Member], isCompressed: Bool = true) throws {
            tar = try TestTar.bytes(members)
            compressed = isCompressed ? TestTar.gzip(tar) : tar
        }
    }

    var layers: [Layer]
    var architecture = Platform.machine.architecture
    var config: [String: JSONValue] = ["Cmd": ["/bin/run"], "Env": ["A=b"]]
    /// What the configuration says of the layers; nil is the truth.
    var diffIDs: [Digest]?

    init(_ layers: [[Member]], isCompressed: Bool = true) throws {
        self.layers = try layers.map { try Layer($0, isCompressed: isCompressed) }
    }

    var configBytes: [UInt8] {
        let diffIDs = diffIDs ?? layers.map { Digest(of: $0.tar) }
        return JSONWriter.bytes([
            "architecture": .string(architecture), "os": "linux",
            "config": .object(JSONObject(config.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })),
            "rootfs": ["type": "layers", "diff_ids": .array(diffIDs.map { .string("\($0)") })],
        ])
    }

    var manifestBytes: [UInt8] {
        JSONWriter.bytes([
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": Self.descriptor("application/vnd.oci.image.config.v1+json", configBytes),
            "layers": .array(
                layers.map { Self.descriptor("application/vnd.oci.image.layer.v1.tar+gzip", $0.compressed) }),
        ])
    }

    static func descriptor(_ mediaType: String, _ bytes: [UInt8]) -> JSONValue {
        [
            "mediaType": .string(mediaType), "digest": .string("\(Digest(of: bytes))"),
            "size": .integer(Int64(bytes.count)),
        ]
    }

    /// The files of an OCI layout.
    func layout(name: String?) -> [(path: String, bytes: [UInt8])] {
        var descriptor = Self.descriptor("application/vnd.oci.image.manifest.v1+json", manifestBytes)
        if let name { descriptor[path: "annotations", "org.opencontainers.image.ref.name"] = .string(name) }
        let blobs = [manifestBytes, configBytes] + layers.map(\.compressed)
        return [
            ("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)),
            ("index.json", JSONWriter.bytes(["schemaVersion": 2, "manifests": [descriptor]])),
        ] + blobs.map { ("blobs/sha256/\(Digest(of: $0).hex)", $0) }
    }

    /// The files of `docker save`.
    func dockerArchive(tags: [String]) -> [(path: String, bytes: [UInt8])] {
        let config = "\(Digest(of: configBytes).hex).json"
        let paths = layers.indices.map { "layer\($0)/layer.tar" }
        let manifest: JSONValue = [
            [
                "Config": .string(config), "RepoTags": .array(tags.map { .string($0) }),
                "Layers": .array(paths.map { .string($0) }),
            ]
        ]
        return [("manifest.json", JSONWriter.bytes(manifest)), (config, configBytes)]
            + zip(paths, layers).map { ($0, $1.tar) }
    }

    /// A tar of files, at a path that the caller removes.
    static func archive(_ files: [(path: String, bytes: [UInt8])], isCompressed: Bool = false) throws -> [UInt8] {
        let tar = try TestTar.bytes(files.map { Member($0.path, .file, content: $0.bytes) })
        return isCompressed ? TestTar.gzip(tar) : tar
    }
}

/// One member of a layer.
struct Member {
    var entry: TarEntry
    var content: [UInt8]

    init(
        _ path: String, _ kind: TarEntry.Kind = .file, mode: UInt32? = nil, user: UInt32 = 0, group: UInt32 = 0,
        modified: Int64 = 1_600_000_000, content: [UInt8] = [], attributes: [String: String] = [:]
    ) {
        entry = TarEntry(
            path: Array(path.utf8), kind: kind, mode: mode ?? (kind == .directory ? 0o755 : 0o644), user: user,
            group: group, modified: TarTime(seconds: modified), size: 0,
            extendedAttributes: attributes.map { .init(name: Array($0.key.utf8), value: Array($0.value.utf8)) })
        self.content = content
    }

    static func file(_ path: String, _ text: String, mode: UInt32 = 0o644) -> Member {
        Member(path, .file, mode: mode, content: Array(text.utf8))
    }

    static func link(_ path: String, _ target: String) -> Member {
        Member(path, .symbolicLink(target: Array(target.utf8)), mode: 0o777)
    }

    static func hardLink(_ path: String, _ target: String) -> Member {
        Member(path, .hardLink(target: Array(target.utf8)))
    }

    static func directory(_ path: String, mode: UInt32 = 0o755) -> Member { Member(path, .directory, mode: mode) }
}

enum TestTar {
    static func bytes(_ members: [Member]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let writer = TarWriter { bytes += $0 }
        for member in members { try writer.add(member.entry, content: member.content) }
        try writer.end()
        return bytes
    }

    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        guard var writer = GzipWriter(level: 1) else { return [] }
        return writer.add(bytes, isLast: true)
    }
}

/// A directory for one test; goes with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-images-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ImageError.last("make a directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let name = path.split(separator: "/").last.flatMap({ FileName(String($0)) }) else { return }
        try? Directory(path: "/tmp").remove(name)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try FileWriting.makeDirectories(String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)]))
        try FileWriting.replace(file, bytes)
        return file
    }
}

func text(_ path: String) throws -> String {
    String(decoding: try FileSource(path: path).readAll(limit: 1 << 20, name: path), as: UTF8.self)
}

func exists(_ path: String) -> Bool {
    var found = stat()
    return lstat(path, &found) == 0
}
