import KubeAPI

/// Paths in volumes and on hosts.
extension Findings {
    static func hasBacksteps(_ path: String) -> Bool { path.split(separator: "/").contains("..") }

    mutating func noBacksteps(_ field: FieldCursor) {
        if Self.hasBacksteps(field.string) { invalid(field, "must not contain '..'") }
    }

    /// Below a directory; names that begin with `..` can be reserved.
    mutating func localPath(_ field: FieldCursor, isReserved: Bool) {
        if field.string.hasPrefix("/") { invalid(field, "must be a relative path") }
        noBacksteps(field)
        if isReserved, field.string.hasPrefix(".."), !field.string.hasPrefix("../"), field.string != ".." {
            invalid(field, "must not start with '..'")
        }
    }

    /// Of a driver of the container storage interface.
    mutating func driverName(_ field: FieldCursor) {
        if field.isEmpty { missing(field) }
        atMost(field, bytes: 63)
        expect(field) { NameFormats.dns1123Subdomain($0.lowercased()) }
    }

    /// `acme.io/foo`, as names of controllers are.
    mutating func domainPrefixedPath(_ field: FieldCursor) {
        guard !field.isEmpty else { return missing(field) }
        let parts = field.string.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts.contains("") else {
            return invalid(field, "must be a domain-prefixed path (such as \"acme.io/foo\")")
        }
        invalid(field.holding(.string(parts[0])), NameFormats.dns1123Subdomain(parts[0]))
        invalid(field.holding(.string(parts[1])), NameFormats.urlPath(parts[1]))
    }
}
