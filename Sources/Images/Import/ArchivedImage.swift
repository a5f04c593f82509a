import KubeAPI

/// An image found in an archive, and the names the archive gives it.
struct ArchivedImage {
    var content: ImageContent
    var references: [ImageReference]

    /// What an archive holds: an OCI layout (`index.json`), or what `docker save` wrote before it wrote both
    /// (`manifest.json`). Images for other platforms are left out unless there are no others.
    static func find(in files: ImageFiles, platform: Platform) throws(ImageError) -> [ArchivedImage] {
        if files.contains("index.json") { return try OCILayout.images(in: files, platform: platform) }
        if files.contains("manifest.json") { return try DockerArchive.images(in: files) }
        throw ImageError(
            .malformed,
            "\(files.name) is no image archive: it has neither index.json (OCI) nor manifest.json (docker save)")
    }
}

/// OCI image-spec, image-layout.md.
enum OCILayout {
    /// Lists of lists of lists are somebody's joke.
    private static let nesting = 3

    static func images(in files: ImageFiles, platform: Platform) throws(ImageError) -> [ArchivedImage] {
        let index = try files.read("index.json", limit: Manifest.byteLimit)
        guard case .list(let descriptors) = try Manifest.parse(index, name: "index.json of \(files.name)") else {
            throw ImageError(.malformed, "index.json of \(files.name) lists no manifests")
        }
        let names = (try? DockerArchive.names(in: files)) ?? [:]
        let entries = candidates(descriptors, platform: platform)
        var images: [ArchivedImage] = []
        for entry in entries {
            guard let (digest, bytes, manifest) = try manifest(entry, in: files, platform: platform) else {
                throw ImageError(.unsupported, "\(files.name) holds no image for \(platform)")
            }
            var references = Self.references(entry)
            if references.isEmpty { references = names[manifest.config.digest.hex] ?? [] }
            let name = references.first?.description ?? "image \(digest) of \(files.name)"
            images.append(
                ArchivedImage(content: try content(manifest, bytes, in: files, name: name), references: references))
        }
        return images
    }

    /// Without manifests that are attestations or for other platforms, when there are some that fit.
    private static func candidates(_ descriptors: [Descriptor], platform: Platform) -> [Descriptor] {
        let fitting = descriptors.filter { $0.platform.map(platform.runs) ?? true }
        return fitting.isEmpty ? descriptors : fitting
    }

    private static func manifest(
        _ entry: Descriptor, in files: ImageFiles, platform: Platform
    ) throws(ImageError) -> (Digest, [UInt8], ImageManifest)? {
        var entry = entry
        for _ in 0..<nesting {
            let bytes = try files.blob(entry, limit: Manifest.byteLimit)
            switch try Manifest.parse(bytes, name: "manifest \(entry.digest) of \(files.name)") {
            case .image(let manifest): return (entry.digest, bytes, manifest)
            case .list(let list):
                guard let next = platform.choose(among: list) else { return nil }
                entry = next
            }
        }
        throw ImageError(.malformed, "\(files.name) has lists of manifests in lists")
    }

    private static func content(
        _ manifest: ImageManifest, _ bytes: [UInt8], in files: ImageFiles, name: String
    ) throws(ImageError) -> ImageContent {
        ImageContent(
            manifest: bytes, config: try files.blob(manifest.config, limit: ConfigDocument.byteLimit),
            layers: manifest.layers.map { layer in
                LayerContent(digest: layer.digest) { try files.open(ImageFiles.path(layer.digest)) }
            }, name: name)
    }

    /// containerd and Docker write the whole name in an annotation of their own; others a name or a tag in OCI's. A bare tag
    /// names nothing.
    private static func references(_ entry: Descriptor) -> [ImageReference] {
        if let name = entry.annotations["io.containerd.image.name"] {
            return (try? ImageReference(name)).map { [$0] } ?? []
        }
        guard let name = entry.annotations["org.opencontainers.image.ref.name"],
            name.contains(where: { ":/".contains($0) })
        else { return [] }
        return (try? ImageReference(name)).map { [$0] } ?? []
    }
}

/// `docker save` (moby, image/spec/v1.2.md): `manifest.json` lists configurations, names and layers.
enum DockerArchive {
    static func images(in files: ImageFiles) throws(ImageError) -> [ArchivedImage] {
        var images: [ArchivedImage] = []
        for item in try list(in: files) {
            guard let configPath = item["Config"]?.string, let paths = item["Layers"]?.array?.map(\.string) else {
                throw ImageError(.malformed, "manifest.json of \(files.name) names no configuration or no layers")
            }
            let references = try Self.references(item, in: files)
            let name = references.first?.description ?? "image \(configPath) of \(files.name)"
            let config = try files.read(configPath, limit: ConfigDocument.byteLimit)
            let document = try ConfigDocument(config, name: name)
            images.append(
                ArchivedImage(
                    content: ImageContent(
                        manifest: manifest(config: config, diffIDs: document.diffIDs), config: config,
                        layers: paths.map { path in
                            LayerContent(digest: nil) { try files.open(path ?? "") }
                        }, name: name), references: references))
        }
        return images
    }

    /// The names that manifest.json gives, by the configuration's digest.
    static func names(in files: ImageFiles) throws(ImageError) -> [String: [ImageReference]] {
        var names: [String: [ImageReference]] = [:]
        for item in try list(in: files) {
            guard let path = item["Config"]?.string else { continue }
            let file = path.split(separator: "/").last.map(String.init) ?? path
            let hex = file.hasSuffix(".json") ? String(file.dropLast(5)) : file
            names[hex, default: []] += try references(item, in: files)
        }
        return names
    }

    private static func list(in files: ImageFiles) throws(ImageError) -> [JSONValue] {
        let bytes = try files.read("manifest.json", limit: Manifest.byteLimit)
        do {
            return try JSONParser.parse(bytes).array ?? []
        } catch {
            throw ImageError(.malformed, "manifest.json of \(files.name) is no JSON: \(error)")
        }
    }

    private static func references(_ item: JSONValue, in files: ImageFiles) throws(ImageError) -> [ImageReference] {
        var references: [ImageReference] = []
        for tag in item["RepoTags"]?.array ?? [] {
            if let text = tag.string { references.append(try ImageReference(text)) }
        }
        return references
    }

    /// The archive has no manifest: this one names the uncompressed layers, so that the same image has the same digest
    /// whatever archive it came in.
    static func manifest(config: [UInt8], diffIDs: [Digest]) -> [UInt8] {
        func descriptor(_ mediaType: String, _ digest: Digest, _ size: Int) -> JSONValue {
            [
                "mediaType": .string("application/vnd.oci.image.\(mediaType)"), "digest": .string("\(digest)"),
                "size": .integer(Int64(size)),
            ]
        }
        return JSONWriter.bytes([
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": descriptor("config.v1+json", Digest(of: config), config.count),
            "layers": .array(diffIDs.map { descriptor("layer.v1.tar", $0, 0) }),
        ])
    }
}
