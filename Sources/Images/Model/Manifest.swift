import KubeAPI

/// What a registry or an archive has under an image's name: an image, or a list of images for several platforms
/// (OCI image-spec manifest.md and image-index.md; Docker's schema 2 has the same members).
enum Manifest: Equatable {
    case image(ImageManifest)
    case list([Descriptor])

    static let byteLimit = 4 << 20

    /// - Parameter name: what messages call it.
    static func parse(_ bytes: [UInt8], name: String) throws(ImageError) -> Manifest {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw ImageError(.malformed, "\(name) is no JSON: \(error)")
        }
        if value["schemaVersion"]?.integer == 1 {
            throw ImageError(
                .unsupported, "\(name) has Docker's old format (schema 1); push the image again with a newer program")
        }
        if let list = value["manifests"]?.array {
            var descriptors: [Descriptor] = []
            for item in list { descriptors.append(try Descriptor(item, in: name)) }
            return .list(descriptors)
        }
        guard let config = value["config"] else {
            throw ImageError(.malformed, "\(name) is neither an image manifest nor a list of them")
        }
        var layers: [Descriptor] = []
        for item in value["layers"]?.array ?? [] { layers.append(try Descriptor(item, in: name)) }
        return .image(ImageManifest(config: try Descriptor(config, in: name), layers: layers))
    }
}

struct ImageManifest: Equatable {
    var config: Descriptor
    /// The lowest first.
    var layers: [Descriptor]
}

/// A blob by its digest (OCI image-spec, descriptor.md).
struct Descriptor: Equatable {
    var mediaType: String
    var digest: Digest
    var size: Int64
    var platform: Platform?
    var annotations: [String: String] = [:]

    init(mediaType: String, digest: Digest, size: Int64, platform: Platform? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
    }

    init(_ value: JSONValue, in name: String) throws(ImageError) {
        guard let text = value["digest"]?.string, let digest = Digest(text) else {
            throw ImageError(.malformed, "\(name) names a blob without a sha256 digest")
        }
        guard let size = value["size"]?.integer, size >= 0 else {
            throw ImageError(.malformed, "\(name) does not say how large \(digest) is")
        }
        self.init(mediaType: value["mediaType"]?.string ?? "", digest: digest, size: size)
        if let platform = value["platform"], let architecture = platform["architecture"]?.string {
            self.platform = Platform(
                os: platform["os"]?.string ?? "linux", architecture: architecture,
                variant: platform["variant"]?.string)
        }
        for member in value["annotations"]?.object?.members ?? [] {
            annotations[member.key] = member.value.string
        }
    }

    var isList: Bool { mediaType.hasSuffix("image.index.v1+json") || mediaType.hasSuffix("manifest.list.v2+json") }
}

extension Platform {
    /// The manifest of a list that runs here: the first that fits. Nil when none does; one alone that names no platform
    /// is taken as it is.
    func choose(among list: [Descriptor]) -> Descriptor? {
        if let fitting = list.first(where: { $0.platform.map(runs) ?? false }) { return fitting }
        return list.count == 1 ? list.first { $0.platform == nil } : nil
    }
}
