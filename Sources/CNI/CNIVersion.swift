/// A version of the CNI specification.
public struct CNIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let major: Int
    public let minor: Int
    public let patch: Int

    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// `1.0.0`; missing parts are 0.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard (1...3).contains(parts.count), let major = parts[0] else { return nil }
        var rest: [Int] = []
        for part in parts.dropFirst() {
            guard let part else { return nil }
            rest.append(part)
        }
        self.init(major, rest.first ?? 0, rest.dropFirst().first ?? 0)
    }

    public static func < (a: CNIVersion, b: CNIVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }

    public var description: String { "\(major).\(minor).\(patch)" }

    /// Those whose results Apus reads.
    public static let supported = [
        CNIVersion(0, 3, 0), CNIVersion(0, 3, 1), CNIVersion(0, 4, 0), CNIVersion(1, 0, 0), CNIVersion(1, 1, 0),
    ]
    public static let newest = CNIVersion(1, 1, 0)

    /// CHECK came with 0.4.0, GC and STATUS with 1.1.0.
    var hasCheck: Bool { self >= CNIVersion(0, 4, 0) }
    var hasGarbageCollection: Bool { self >= CNIVersion(1, 1, 0) }
}
