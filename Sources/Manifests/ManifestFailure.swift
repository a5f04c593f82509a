import KubeAPI

/// What is wrong with a manifest, and where.
public struct ManifestFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Name of the file.
    public let file: String
    /// nil when the file as a whole is meant.
    public let position: TextPosition?
    public let reason: String

    public init(file: String, position: TextPosition? = nil, reason: String) {
        self.file = file
        self.position = position
        self.reason = reason
    }

    /// `web.yaml:12:7: spec.ports[0].port: must be between 1 and 65535, got 70000`
    public var description: String {
        let place = position.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(file)\(place): \(reason)"
    }
}
