/// Where the store keeps what, below its directory.
struct StoreLayout: Sendable, Hashable {
    let root: String

    /// `ImageIndex`; replaced in one step.
    var index: String { root + "/images.json" }
    /// Held while the index changes.
    var indexLock: String { root + "/images.lock" }
    /// Held shared while an image is being added, exclusively while garbage is removed.
    var contentLock: String { root + "/content.lock" }
    var blobs: String { root + "/blobs/sha256" }
    var layers: String { root + "/layers" }
    /// What is not complete yet. Whatever is in it while nobody adds an image is garbage of a crash.
    var temporary: String { root + "/tmp" }

    func blob(_ digest: Digest) -> String { "\(blobs)/\(digest.hex)" }

    /// Holds `fs`, the unpacked layer, and `bytes`, how large its files are.
    func layer(_ chainID: Digest) -> String { "\(layers)/\(chainID.hex)" }

    func files(_ chainID: Digest) -> String { layer(chainID) + "/fs" }
}
