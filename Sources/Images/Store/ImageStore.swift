import Glibc
import NodeServices
import Synchronization

/// The images of a node below one directory: manifests and configurations by digest, layers unpacked once for all images
/// that share them. Several processes may use a store at once; each change is complete or not there after a crash.
///
/// Calls block: make them from a thread of your own.
public final class ImageStore: Sendable {
    let layout: StoreLayout
    let platform: Platform
    let limits: UnpackLimits
    /// Seconds since 1970.
    let clock: @Sendable () -> Int64
    /// Configurations by digest: small, read often, never changing.
    private let configs = Mutex<[Digest: ConfigDocument]>([:])
    let registry: RegistryOptions
    let pulls = SharedWork<String, StoredImage>()
    let downloads = SharedWork<Digest, DownloadedBlob>()

    /// Opens the store, makes it if it is not there, and removes what a crash left.
    /// - Parameter clock: seconds since 1970.
    public init(
        directory: String, platform: Platform = .machine, limits: UnpackLimits = UnpackLimits(),
        registry: RegistryOptions = RegistryOptions(),
        clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws {
        layout = StoreLayout(root: directory)
        self.platform = platform
        self.limits = limits
        self.registry = registry
        self.clock = clock
        for path in [layout.blobs, layout.layers, layout.temporary] { try FileWriting.makeDirectories(path) }
        // Layers hold setuid files of other people's making.
        guard chmod(directory, 0o711) == 0, chmod(layout.temporary, 0o700) == 0 else {
            throw ImageError.last("protect \(directory)")
        }
        try sweep()
    }

    // MARK: Index

    func index() throws(ImageError) -> ImageIndex {
        let file = open(layout.index, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return ImageIndex() }
        guard file >= 0 else { throw .last("open \(layout.index)") }
        let bytes = try FileSource(adopting: file, name: layout.index).readAll(limit: 256 << 20, name: layout.index)
        return try ImageIndex(bytes, path: layout.index)
    }

    func change<Value>(_ body: (inout ImageIndex) -> Value) throws(ImageError) -> Value {
        let lock = try StoreLock(layout.indexLock, .exclusive)
        defer { withExtendedLifetime(lock) {} }
        var index = try index()
        let before = index
        let value = body(&index)
        if index != before { try FileWriting.replace(layout.index, index.bytes) }
        return value
    }

    // MARK: Reading

    public func image(_ reference: String) throws -> StoredImage? {
        guard let record = try index().find(reference) else { return nil }
        return try stored(record)
    }

    public func isReference(_ text: String) -> Bool { (try? ImageReference(text)) != nil }

    public func list() throws -> [StoredImage] { try index().images.map { try stored($0) } }

    func stored(_ record: ImageRecord) throws(ImageError) -> StoredImage {
        StoredImage(
            digest: record.manifest.description, references: record.references, size: record.bytes,
            config: try config(record).config, layerDirectories: record.layers.reversed().map(layout.files))
    }

    func config(_ record: ImageRecord) throws(ImageError) -> ConfigDocument {
        if let known = configs.withLock({ $0[record.config] }) { return known }
        let name = record.references.first ?? record.config.description
        let document = try ConfigDocument(try blob(record.config), name: name)
        configs.withLock { $0[record.config] = document }
        return document
    }

    /// A manifest or configuration, its digest checked.
    func blob(_ digest: Digest) throws(ImageError) -> [UInt8] {
        let path = layout.blob(digest)
        let bytes = try FileSource(path: path).readAll(limit: ConfigDocument.byteLimit, name: path)
        guard Digest(of: bytes) == digest else {
            throw ImageError(.digestMismatch, "\(path) is damaged; remove the image and fetch it again")
        }
        return bytes
    }

    // MARK: Removing

    /// Forgets the name, and with its last name the image; layers and blobs that nothing else needs go too.
    public func remove(_ reference: String) throws {
        guard try change({ $0.remove(reference) }) != nil else { return }
        try sweep()
    }

    /// Removes what no image of the index needs and what crashes left, but no layer that is mounted. Does nothing while
    /// somebody adds an image: what is left is removed with the next change. Returns how many layers and blobs went.
    @discardableResult
    func sweep() throws(ImageError) -> Int {
        guard let lock = try StoreLock.exclusiveIfFree(layout.contentLock) else { return 0 }
        defer { withExtendedLifetime(lock) {} }
        let index = try index()
        configs.withLock { configs in
            let needed = Set(index.images.map(\.config))
            configs = configs.filter { needed.contains($0.key) }
        }
        var count = try removeEntries(of: layout.temporary) { _ in true }
        let layers = try Directory(path: layout.layers).entries().map(\.text)
        let unneeded = Set(layers).subtracting(index.layers)
        let mounted = LayersInUse.find(among: unneeded)
        count += try removeEntries(of: layout.layers) { unneeded.contains($0) && !mounted.contains($0) }
        let blobs = index.blobs
        count += try removeEntries(of: layout.blobs) { !blobs.contains($0) }
        return count
    }

    private func removeEntries(of path: String, _ isGarbage: (String) -> Bool) throws(ImageError) -> Int {
        let directory = try Directory(path: path)
        var count = 0
        for entry in try directory.entries() where isGarbage(entry.text) {
            try directory.remove(entry)
            count += 1
        }
        return count
    }
}
