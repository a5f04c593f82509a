/// Why an object cannot be used: the field, in Kubernetes' notation, and what is wrong with it.
public struct DecodingFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Such as `spec.ports[0].port`; empty for the object itself.
    public private(set) var path: String
    public let reason: String

    public init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// `spec.ports[0].port: must be between 1 and 65535, got 70000`
    public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }

    /// The same, seen from the object that holds `key`.
    public func under(_ key: String) -> DecodingFailure {
        DecodingFailure(FieldPath.joined(key, path), reason)
    }

    /// The same, seen from the object that holds the list.
    public func under(_ list: String, _ index: Int) -> DecodingFailure { under("\(list)[\(index)]") }

    public func under(index: Int) -> DecodingFailure { under("[\(index)]") }
}
