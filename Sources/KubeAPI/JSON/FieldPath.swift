/// A path such as `spec.ports[0].port` or `metadata.labels[example.org/a]`, walked from the root down.
public struct FieldPath: Sendable, Hashable {
    private var rest: Substring

    public init(_ path: String) { rest = path[...] }

    /// True at the field that the path names.
    public var isAtEnd: Bool { rest.isEmpty }

    /// What is left of the path below member `key`; nil when it leads elsewhere.
    public func below(_ key: String) -> FieldPath? {
        below(prefix: key) ?? below(prefix: "[\(key)]")
    }

    /// What is left of the path below element `index`; nil when it leads elsewhere.
    public func below(index: Int) -> FieldPath? { below(prefix: "[\(index)]") }

    private func below(prefix: String) -> FieldPath? {
        guard rest.hasPrefix(prefix) else { return nil }
        var path = self
        path.rest = rest.dropFirst(prefix.count)
        switch path.rest.first {
        case nil, "[": return path
        case ".":
            path.rest = path.rest.dropFirst()
            return path
        default: return nil
        }
    }

    static func joined(_ parent: String, _ child: String) -> String {
        child.isEmpty || child.first == "[" ? parent + child : "\(parent).\(child)"
    }
}
