/// An operating system and processor architecture in Go's words, as manifests name them (OCI image-spec, image-index.md).
public struct Platform: Sendable, Hashable, CustomStringConvertible {
    public var os: String
    public var architecture: String
    public var variant: String?

    public init(os: String = "linux", architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// Of the processor that this program is built for.
    public static let machine: Platform = {
        #if arch(x86_64)
            Platform(architecture: "amd64")
        #elseif arch(arm64)
            Platform(architecture: "arm64", variant: "v8")
        #elseif arch(riscv64)
            Platform(architecture: "riscv64")
        #elseif arch(s390x)
            Platform(architecture: "s390x")
        #else
            Platform(architecture: "ppc64le")
        #endif
    }()

    /// Whether what is made for `other` runs here. A variant that one of them does not name is any.
    func runs(_ other: Platform) -> Bool {
        os == other.os && architecture == other.architecture
            && (variant == nil || other.variant == nil || variant == other.variant)
    }

    public var description: String { "\(os)/\(architecture)" + (variant.map { "/\($0)" } ?? "") }
}
