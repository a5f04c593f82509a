import KubeAPI

/// What the store's index says of one image.
struct ImageRecord: Equatable {
    /// Of the manifest; images of `docker save` have one that Apus made.
    var manifest: Digest
    /// Of the configuration: Docker's image ID.
    var config: Digest
    /// `docker.io/library/busybox:1.36`; empty when another image took the last name.
    var references: [String]
    /// By which digests repositories know it, its own or a list's: `docker.io/library/busybox@sha256:…`.
    var repoDigests: [String]
    /// Chain IDs, the lowest first.
    var layers: [Digest]
    /// Of the unpacked layers together.
    var bytes: Int64
    /// Seconds since 1970.
    var added: Int64
    /// It was imported or built, so no registry may have it.
    var isLocal: Bool

    var json: JSONValue {
        [
            "manifest": .string(manifest.description), "config": .string(config.description),
            "references": .array(references.map { .string($0) }),
            "repoDigests": .array(repoDigests.map { .string($0) }),
            "layers": .array(layers.map { .string($0.description) }), "bytes": .integer(bytes),
            "added": .integer(added), "local": .bool(isLocal),
        ]
    }

    init(
        manifest: Digest, config: Digest, references: [String] = [], repoDigests: [String] = [], layers: [Digest],
        bytes: Int64, added: Int64, isLocal: Bool
    ) {
        self.manifest = manifest
        self.config = config
        self.references = references
        self.repoDigests = repoDigests
        self.layers = layers
        self.bytes = bytes
        self.added = added
        self.isLocal = isLocal
    }

    init?(_ value: JSONValue) {
        func digest(_ value: JSONValue?) -> Digest? { value?.string.flatMap(Digest.init) }
        func strings(_ key: String) -> [String] { value[key]?.array?.compactMap(\.string) ?? [] }
        guard let manifest = digest(value["manifest"]), let config = digest(value["config"]),
            let layers = value["layers"]?.array
        else { return nil }
        self.init(
            manifest: manifest, config: config, references: strings("references"),
            repoDigests: strings("repoDigests"), layers: layers.compactMap { digest($0) },
            bytes: value["bytes"]?.integer ?? 0, added: value["added"]?.integer ?? 0,
            isLocal: value["local"]?.bool ?? false)
        guard self.layers.count == layers.count else { return nil }
    }
}
