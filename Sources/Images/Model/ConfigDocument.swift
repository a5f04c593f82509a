import KubeAPI
import NodeServices

/// An image's configuration (OCI image-spec, config.md), as far as it is needed.
struct ConfigDocument: Equatable {
    var platform: Platform
    var config: ImageConfig
    /// Digests of the uncompressed layers, the lowest first.
    var diffIDs: [Digest]
    /// RFC 3339; empty if the image does not say.
    var created: String

    static let byteLimit = 8 << 20

    init(_ bytes: [UInt8], name: String) throws(ImageError) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw ImageError(.malformed, "the configuration of \(name) is no JSON: \(error)")
        }
        var diffIDs: [Digest] = []
        for item in value[path: "rootfs", "diff_ids"]?.array ?? [] {
            guard let digest = item.string.flatMap(Digest.init) else {
                throw ImageError(.malformed, "the configuration of \(name) names a layer without a sha256 digest")
            }
            diffIDs.append(digest)
        }
        guard value["rootfs"]?["diff_ids"]?.array != nil else {
            throw ImageError(.unsupported, "\(name) is no container image: its configuration names no layers")
        }
        self.diffIDs = diffIDs
        platform = Platform(
            os: value["os"]?.string ?? "linux", architecture: value["architecture"]?.string ?? "",
            variant: value["variant"]?.string)
        created = value["created"]?.string ?? ""
        config = ImageConfig(value["config"] ?? .null)
    }

    /// The names under which layers are kept: each says the layer and all below it, the lowest first (config.md, ChainID).
    var chainIDs: [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs {
            chain.append(chain.last.map { Digest(of: Array("\($0) \(diffID)".utf8)) } ?? diffID)
        }
        return chain
    }
}

extension ImageConfig {
    fileprivate init(_ value: JSONValue) {
        func strings(_ key: String) -> [String] { value[key]?.array?.compactMap(\.string) ?? [] }
        func keys(_ key: String) -> [String] { value[key]?.object?.members.map(\.key) ?? [] }
        var labels: [String: String] = [:]
        for member in value["Labels"]?.object?.members ?? [] { labels[member.key] = member.value.string }
        self.init(
            entrypoint: strings("Entrypoint"), cmd: strings("Cmd"), env: strings("Env"),
            user: value["User"]?.string ?? "", workingDir: value["WorkingDir"]?.string ?? "",
            stopSignal: value["StopSignal"]?.string ?? "", exposedPorts: keys("ExposedPorts"), volumes: keys("Volumes"),
            labels: labels)
    }
}
