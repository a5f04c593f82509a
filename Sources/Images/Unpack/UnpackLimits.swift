/// What one layer may take.
public struct UnpackLimits: Sendable, Hashable {
    /// Of all files together.
    public var bytes: Int64 = 64 << 30
    public var entries = 4_000_000
    /// Of one name; the kernel's PATH_MAX.
    public var pathBytes = 4096
    /// Directories below each other.
    public var depth = 200
    /// Symbolic links on the way to one entry, as the kernel's limit.
    public var links = 40

    public init() {}
}
