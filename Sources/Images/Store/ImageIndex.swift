import KubeAPI

/// Which images the store has and what they are called: one small JSON file.
struct ImageIndex: Equatable {
    private(set) var images: [ImageRecord] = []

    init() {}

    init(_ bytes: [UInt8], path: String) throws(ImageError) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw ImageError(.malformed, "\(path) is damaged (\(error)); remove it and import the images again")
        }
        for item in value["images"]?.array ?? [] {
            guard let record = ImageRecord(item) else {
                throw ImageError(.malformed, "\(path) is damaged; remove it and import the images again")
            }
            images.append(record)
        }
    }

    var bytes: [UInt8] {
        JSONWriter.bytes(["images": .array(images.map(\.json))], .pretty) + [UInt8(ascii: "\n")]
    }

    // MARK: Finding

    /// By digest of manifest or configuration, by name with tag or digest, or by the first digits of the configuration's
    /// digest (at least 6, and only if one image has them).
    func find(_ text: String) -> ImageRecord? {
        if let digest = Digest(text) { return images.first { $0.config == digest || $0.manifest == digest } }
        if let reference = try? ImageReference(text), let found = find(reference) { return found }
        guard text.utf8.count >= 6, text.utf8.allSatisfy(\.isHexadecimal) else { return nil }
        let matches = images.filter { $0.config.hex.hasPrefix(text) }
        return matches.count == 1 ? matches[0] : nil
    }

    func find(_ reference: ImageReference) -> ImageRecord? {
        if let digest = reference.digest {
            let name = "\(reference.repository)@\(digest)"
            return images.first { $0.repoDigests.contains(name) }
        }
        let name = reference.description
        return images.first { $0.references.contains(name) }
    }

    // MARK: Changes

    /// Adds an image, or names to one that is there; the names are taken from other images.
    mutating func add(_ record: ImageRecord) {
        for index in images.indices { images[index].references.removeAll { record.references.contains($0) } }
        guard let index = images.firstIndex(where: { $0.manifest == record.manifest }) else {
            images.append(record)
            return
        }
        images[index].references += record.references
        images[index].isLocal = images[index].isLocal || record.isLocal
        images[index].repoDigests = (images[index].repoDigests + record.repoDigests).uniqued()
    }

    /// Takes one name away, or the image when `text` is an ID or its only name. Nil when there is no such image.
    mutating func remove(_ text: String) -> ImageRecord? {
        guard let found = find(text), let index = images.firstIndex(where: { $0.manifest == found.manifest }) else {
            return nil
        }
        let name = (try? ImageReference(text)).map(\.description)
        if let name, found.references.count > 1, found.references.contains(name) {
            images[index].references.removeAll { $0 == name }
        } else {
            images.remove(at: index)
        }
        return found
    }

    mutating func removeAll(where isGone: (ImageRecord) -> Bool) -> [ImageRecord] {
        let gone = images.filter(isGone)
        images.removeAll(where: isGone)
        return gone
    }

    // MARK: What it needs

    var layers: Set<String> { Set(images.flatMap { $0.layers.map(\.hex) }) }

    var blobs: Set<String> { Set(images.flatMap { [$0.manifest.hex, $0.config.hex] }) }
}
