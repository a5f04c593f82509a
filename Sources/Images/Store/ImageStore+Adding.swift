import CLinux
import Glibc
import NodeServices

extension ImageStore {
    /// Unpacks the layers that are missing, then names the image. Until then nothing of it is seen.
    /// - Parameters:
    ///   - listDigest: of the list of manifests that the image was chosen from.
    ///   - isLocal: it does not come from a registry.
    func add(
        _ content: ImageContent, references: [ImageReference], listDigest: Digest? = nil, isLocal: Bool
    ) throws -> StoredImage {
        let lock = try StoreLock(layout.contentLock, .shared)
        defer { withExtendedLifetime(lock) {} }
        let document = try check(content)
        var bytes: Int64 = 0
        for (index, chainID) in document.chainIDs.enumerated() {
            let below = document.chainIDs[..<index].reversed().map(layout.files)
            bytes += try addLayer(
                chainID, diffID: document.diffIDs[index], below: below, content.layers[index],
                name: "layer \(index + 1) of \(content.name)")
        }
        try addBlob(content.manifest)
        try addBlob(content.config)
        let manifest = Digest(of: content.manifest)
        let repoDigests = references.flatMap { reference in
            [manifest, listDigest].compactMap { $0 }.map { "\(reference.repository)@\($0)" }
        }
        let record = ImageRecord(
            manifest: manifest, config: Digest(of: content.config),
            references: references.filter { $0.digest == nil }.map(\.description),
            repoDigests: repoDigests.uniqued(), layers: document.chainIDs, bytes: bytes, added: clock(),
            isLocal: isLocal)
        let added = try change { index in
            index.add(record)
            return index.images.first { $0.manifest == record.manifest } ?? record
        }
        return try stored(added)
    }

    private func check(_ content: ImageContent) throws(ImageError) -> ConfigDocument {
        let document = try ConfigDocument(content.config, name: content.name)
        guard document.platform.architecture.isEmpty || platform.runs(document.platform) else {
            throw ImageError(
                .unsupported, "\(content.name) is made for \(document.platform), and this node is \(platform)")
        }
        guard document.diffIDs.count == content.layers.count else {
            throw ImageError(
                .malformed,
                "\(content.name) has \(content.layers.count) layers, and its configuration names \(document.diffIDs.count)"
            )
        }
        return document
    }

    private func addBlob(_ bytes: [UInt8]) throws(ImageError) {
        let path = layout.blob(Digest(of: bytes))
        if access(path, F_OK) == 0 { return }
        let temporary = try temporaryDirectory()
        try FileWriting.replace(temporary + "/blob", bytes)
        try move(temporary + "/blob", to: path)
        rmdir(temporary)
    }

    // MARK: Layers

    /// Unpacks a layer unless it is there. Returns how large its files are.
    /// - Parameter below: the directories of the layers below, the topmost first.
    private func addLayer(
        _ chainID: Digest, diffID: Digest, below: [String], _ layer: LayerContent, name: String
    ) throws -> Int64 {
        let sizePath = layout.layer(chainID) + "/bytes"
        if access(sizePath, F_OK) == 0 { return try layerBytes(sizePath) }
        let temporary = try temporaryDirectory()
        do {
            let bytes = try unpack(layer, diffID: diffID, below: below, into: temporary, name: name)
            try move(temporary, to: layout.layer(chainID))
            return bytes
        } catch {
            removeTemporary(temporary)
            throw error
        }
    }

    private func unpack(
        _ layer: LayerContent, diffID: Digest, below: [String], into directory: String, name: String
    ) throws -> Int64 {
        guard mkdir(directory + "/fs", 0o755) == 0 else { throw ImageError.last("create \(directory)/fs") }
        let compressed = HashingSource(try layer.open())
        let archive = HashingSource(try Decompression.source(compressed, name: name))
        let root = try Directory(path: directory + "/fs")
        // Not what the process' umask leaves of it.
        fchmod(root.descriptor, 0o755)
        var layersBelow: [Directory] = []
        for path in below { layersBelow.append(try Directory(path: path)) }
        let unpacker = LayerUnpacker(into: root, below: layersBelow, limits: limits, name: name)
        let bytes = try unpacker.unpack(archive)
        try compressed.drain()
        if let wanted = layer.digest, compressed.digest != wanted {
            throw ImageError(.digestMismatch, "\(name) should be \(wanted) and is \(compressed.digest)")
        }
        guard archive.digest == diffID else {
            throw ImageError(
                .digestMismatch, "\(name) should hold \(diffID) as the configuration says, and holds \(archive.digest)")
        }
        try FileWriting.replace(directory + "/bytes", Array("\(bytes)\n".utf8))
        guard apus_syncfs(root.descriptor) == 0 else { throw ImageError.last("write \(name)") }
        return bytes
    }

    private func layerBytes(_ path: String) throws(ImageError) -> Int64 {
        let text = try FileSource(path: path).readAll(limit: 64, name: path)
        return Int64(String(decoding: text.prefix { $0.isDigit }, as: UTF8.self)) ?? 0
    }

    // MARK: Temporary names

    func temporaryDirectory() throws(ImageError) -> String {
        var template = Array((layout.temporary + "/XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw .last("create a directory in \(layout.temporary)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func removeTemporary(_ path: String) {
        guard let name = path.split(separator: "/").last.flatMap({ FileName(String($0)) }) else { return }
        // What cannot be removed now is removed when the store is opened again.
        try? Directory(path: layout.temporary).remove(name)
    }

    /// Renames what is complete to its name by content. If somebody else was faster, theirs is as good.
    private func move(_ temporary: String, to path: String) throws(ImageError) {
        guard rename(temporary, path) == 0 else {
            guard errno == ENOTEMPTY || errno == EEXIST else { throw .last("put \(path) in place") }
            removeTemporary(temporary)
            return
        }
        try FileWriting.syncDirectory(of: path)
    }
}

extension Array where Element: Hashable {
    /// Each once, in the order of their first.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
