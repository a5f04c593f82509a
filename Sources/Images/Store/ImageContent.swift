/// An image on its way into the store.
struct ImageContent: Sendable {
    var manifest: [UInt8]
    var config: [UInt8]
    /// The lowest first; as many as the configuration names.
    var layers: [LayerContent]
    /// What messages call it.
    var name: String
}

/// One layer's archive, not read yet.
struct LayerContent: Sendable {
    /// What the archive must have, as it is read (compressed or not); nil when nothing says.
    var digest: Digest?
    /// Called at most once, and not at all when the layer is there already.
    var open: @Sendable () throws -> any ByteSource
}
