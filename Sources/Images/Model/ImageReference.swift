/// The name of an image as people write it, completed as Docker completes it: `busybox` is
/// `docker.io/library/busybox:latest` (distribution/reference's grammar).
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// The registry: a host, maybe with a port.
    public let domain: String
    /// The repository in the registry.
    public let path: String
    /// Nil only beside a digest.
    public let tag: String?
    public let digest: Digest?

    public init(_ text: String) throws(ImageError) {
        func refusal(_ why: String) -> ImageError {
            ImageError(.invalidReference, "\"\(text)\" is no image reference: \(why)")
        }
        guard text.utf8.count <= 512 else { throw refusal("it is longer than 512 characters") }
        var rest = text[...]
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            digest = Digest(String(rest[rest.index(after: at)...]))
            guard digest != nil else { throw refusal("after @ comes sha256: and 64 hexadecimal digits") }
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            tag = String(rest[rest.index(after: colon)...])
            guard Self.isTag(tag ?? "") else {
                throw refusal("a tag has 1 to 128 letters, digits, underscores, dots and dashes")
            }
            rest = rest[..<colon]
        }
        let (domain, path) = Self.split(rest)
        guard Self.isDomain(domain) else { throw refusal("\(domain) is no host") }
        guard Self.isPath(path) else {
            throw refusal(
                "a repository has lower-case letters, digits and single separators (. _ __ -) between slashes")
        }
        guard domain.utf8.count + path.utf8.count < 255 else { throw refusal("the name is longer than 255 characters") }
        self.domain = domain
        self.path = path
        self.digest = digest
        self.tag = tag ?? (digest == nil ? "latest" : nil)
    }

    /// `docker.io/library/busybox`.
    public var repository: String { "\(domain)/\(path)" }

    public var description: String {
        repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    private static func split(_ name: Substring) -> (domain: String, path: String) {
        var domain = "docker.io"
        var path = String(name)
        if let slash = name.firstIndex(of: "/") {
            let first = name[..<slash]
            let isHost = first.contains(".") || first.contains(":") || first == "localhost" || first.hasPrefix("[")
            if isHost || first.contains(where: \.isUppercase) {
                domain = String(first)
                path = String(name[name.index(after: slash)...])
            }
        }
        if domain == "index.docker.io" { domain = "docker.io" }
        if domain == "docker.io", !path.contains("/") { path = "library/" + path }
        return (domain, path)
    }

    static func isTag(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), let first = text.utf8.first else { return false }
        return (first.isWordCharacter) && text.utf8.allSatisfy { $0.isWordCharacter || ".-".utf8.contains($0) }
    }

    private static func isDomain(_ text: String) -> Bool {
        var host = text[...]
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            let port = text[text.index(after: colon)...]
            guard !port.isEmpty, port.utf8.allSatisfy(\.isDigit), UInt16(port) != nil else { return false }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().utf8.allSatisfy { $0.isHexadecimal || $0 == UInt8(ascii: ":") }
        }
        return !host.isEmpty
            && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isPath(_ text: String) -> Bool {
        text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isPathComponent)
    }

    /// Lower-case letters and digits, between them `.`, `_`, `__` or any number of `-`.
    private static func isPathComponent(_ text: Substring) -> Bool {
        var separator: [UInt8] = []
        guard let first = text.utf8.first, let last = text.utf8.last, first.isLowerOrDigit, last.isLowerOrDigit else {
            return false
        }
        for byte in text.utf8 {
            if byte.isLowerOrDigit {
                let isDashes = separator.allSatisfy { $0 == UInt8(ascii: "-") }
                guard isDashes || [[UInt8(ascii: ".")], Array("_".utf8), Array("__".utf8)].contains(separator) else {
                    return false
                }
                separator = []
            } else {
                separator.append(byte)
            }
        }
        return true
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    var isLowerOrDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    /// Digits and lower-case a to f, and upper-case ones.
    var isHexadecimal: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
    var isWordCharacter: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
