/// Images of a node: what the agent asks of a store, whatever the store is.
public protocol ImageService: Sendable {
    /// The image that `reference` (`name`, `name:tag`, `name@sha256:…`) or its digest names here; nil when it is not present.
    func image(_ reference: String) throws -> StoredImage?

    /// True for a text that may name an image, here or anywhere.
    func isReference(_ text: String) -> Bool

    /// Fetches the image, or checks that what is here is what the registry has. The error is one sentence for people.
    func pull(_ reference: String, credentials: ImageCredentials?) async throws -> StoredImage

    /// What a pull secret (Docker's config.json, or the older .dockercfg) says of the image's registry; nil when nothing.
    func credentials(in secret: [UInt8], for reference: String) -> ImageCredentials?

    func list() throws -> [StoredImage]

    /// Forgets the image and the layers that no other image uses. One that is not here is no error.
    func remove(_ reference: String) throws

    /// Removes images that no container uses, none of them very young, and returns their digests.
    /// - Parameters:
    ///   - inUse: digests.
    ///   - lastUsed: seconds since 1970, by digest.
    func collectGarbage(_ extent: ImageExtent, inUse: Set<String>, lastUsed: [String: Int64]) throws -> [String]
}

/// How many images are to go.
public enum ImageExtent: Sendable {
    /// When more of their disk than `above` percent is in use, those that were unused for the longest time until no more than
    /// `target` percent are.
    case oldest(above: Int, target: Int)
    case unused
}

/// What a pull secret says of one registry.
public struct ImageCredentials: Sendable, Hashable {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

/// An image whose layers are unpacked on this node.
public struct StoredImage: Sendable, Hashable {
    /// `sha256:…` of the manifest.
    public var digest: String
    /// Such as `docker.io/library/busybox:1.36`.
    public var references: [String]
    /// Bytes, unpacked.
    public var size: Int64
    public var config: ImageConfig
    /// Absolute, the topmost first, as overlayfs' lowerdir wants them. Read-only to everyone but the store.
    public var layerDirectories: [String]

    public init(
        digest: String, references: [String], size: Int64, config: ImageConfig, layerDirectories: [String]
    ) {
        self.digest = digest
        self.references = references
        self.size = size
        self.config = config
        self.layerDirectories = layerDirectories
    }
}

/// `config` of an OCI image configuration (image-spec, config.md).
public struct ImageConfig: Sendable, Hashable {
    public var entrypoint: [String]
    public var cmd: [String]
    /// `NAME=value`.
    public var env: [String]
    /// `user`, `uid`, `user:group` or `uid:gid`; empty is root.
    public var user: String
    public var workingDir: String
    /// Such as `SIGQUIT` or `3`; empty is SIGTERM.
    public var stopSignal: String
    /// Such as `80/tcp`.
    public var exposedPorts: [String]
    /// Paths inside the container.
    public var volumes: [String]
    public var labels: [String: String]

    public init(
        entrypoint: [String] = [], cmd: [String] = [], env: [String] = [], user: String = "", workingDir: String = "",
        stopSignal: String = "", exposedPorts: [String] = [], volumes: [String] = [], labels: [String: String] = [:]
    ) {
        self.entrypoint = entrypoint
        self.cmd = cmd
        self.env = env
        self.user = user
        self.workingDir = workingDir
        self.stopSignal = stopSignal
        self.exposedPorts = exposedPorts
        self.volumes = volumes
        self.labels = labels
    }
}
