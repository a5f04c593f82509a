/// The formats of names, keys and values, each with upstream's words for what breaks it
/// (k8s.io/apimachinery/pkg/util/validation). A function returns what is wrong; empty when nothing is.
public enum NameFormats {
    static let dns1123LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    static let dns1123SubdomainPattern = #"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"#
    static let dns1035LabelPattern = "[a-z]([-a-z0-9]*[a-z0-9])?"
    static let qualifiedNamePattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

    // MARK: - DNS

    public static func dns1123Label(_ text: String) -> [String] {
        var findings = tooLong(text, 63)
        if !isDNS1123Label(text.utf8[...]) {
            findings.append(
                isDNS1123Subdomain(text)
                    ? "must not contain dots"
                    : mismatch(
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
                            + "must start and end with an alphanumeric character", dns1123LabelPattern,
                        "my-name", "123-abc"))
        }
        return findings
    }

    public static func dns1123Subdomain(_ text: String) -> [String] {
        var findings = tooLong(text, 253)
        if !isDNS1123Subdomain(text) {
            findings.append(
                mismatch(
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
                        + "must start and end with an alphanumeric character", dns1123SubdomainPattern, "example.com"))
        }
        return findings
    }

    public static func dns1035Label(_ text: String) -> [String] {
        var findings = tooLong(text, 63)
        if !isDNS1123Label(text.utf8[...]) || text.utf8.first.map(isLower) != true {
            findings.append(
                mismatch(
                    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                        + "alphabetic character, and end with an alphanumeric character", dns1035LabelPattern,
                    "my-name", "abc-123"))
        }
        return findings
    }

    /// A subdomain whose labels may begin and hold underscores, as those that resolvers search.
    public static func underscoredSubdomain(_ text: String) -> [String] {
        var findings = tooLong(text, 253)
        let labels = text.utf8.split(separator: dot, omittingEmptySubsequences: false)
        let isSubdomain = labels.allSatisfy { label in
            guard let first = label.first, let last = label.last, first != dash, last != dash, last != underscore else {
                return false
            }
            return label.allSatisfy { isLower($0) || isDigit($0) || $0 == dash || $0 == underscore }
        }
        if !isSubdomain {
            findings.append(
                mismatch(
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
                        + "must start and end with an alphanumeric character",
                    #"[a-z0-9_]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9])?)*"#, "example.com"))
        }
        return findings
    }

    /// `*.` and a subdomain.
    public static func wildcardDNS1123Subdomain(_ text: String) -> [String] {
        var findings = tooLong(text, 253)
        if !text.hasPrefix("*.") || !isDNS1123Subdomain(String(text.dropFirst(2))) {
            findings.append(
                mismatch(
                    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
                        + "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric "
                        + "character", #"\*\."# + dns1123SubdomainPattern, "*.example.com"))
        }
        return findings
    }

    // MARK: - Labels

    /// A label key, an annotation key, a finalizer, …: `(subdomain/)?name`.
    public static func qualifiedName(_ text: String) -> [String] {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            return [
                "a qualified name " + qualifiedNameMismatch
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        var findings: [String] = []
        if parts.count == 2 {
            if parts[0].isEmpty {
                findings.append("prefix part must be non-empty")
            } else {
                findings += dns1123Subdomain(String(Substring(parts[0]))).map { "prefix part " + $0 }
            }
        }
        let name = parts[parts.count - 1]
        if name.isEmpty {
            findings.append("name part must be non-empty")
        } else if name.count > 63 {
            findings.append("name part " + tooLong(63))
        }
        if !isName(name) { findings.append("name part " + qualifiedNameMismatch) }
        return findings
    }

    public static func labelValue(_ text: String) -> [String] {
        var findings = tooLong(text, 63)
        if !text.isEmpty, !isName(text.utf8[...]) {
            findings.append(
                mismatch(
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
                        + "must start and end with an alphanumeric character", "(\(qualifiedNamePattern))?",
                    "MyValue", "my_value", "12345"))
        }
        return findings
    }

    // MARK: - Other names

    /// What may be one segment of a URL's path.
    public static func pathSegment(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter { text.utf8.contains($0.utf8.first ?? 0) }.map { "may not contain '\($0)'" }
    }

    /// A key of a ConfigMap or Secret.
    public static func configMapKey(_ text: String) -> [String] {
        var findings = tooLong(text, 253)
        if text.isEmpty || !text.utf8.allSatisfy({ isAlphanumeric($0) || isNameMark($0) }) {
            findings.append(
                mismatch(
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+",
                    "key.name", "KEY_NAME", "key-name"))
        }
        if text == "." {
            findings.append("must not be '.'")
        } else if text == ".." {
            findings.append("must not be '..'")
        } else if text.hasPrefix("..") {
            findings.append("must not start with '..'")
        }
        return findings
    }

    /// Printable ASCII without `=`.
    public static func environmentVariable(_ text: String) -> [String] {
        guard text.isEmpty || !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }) else {
            return []
        }
        return [
            mismatch(
                "a valid environment variable name must consist only of printable ASCII characters other than '='",
                "^[ -<>-~]+$")
        ]
    }

    /// The name of a port of a container (RFC 6335, section 5.1).
    public static func portName(_ text: String) -> [String] {
        var findings: [String] = []
        let bytes = text.utf8
        if bytes.count > 15 { findings.append("must be no more than 15 characters") }
        if bytes.isEmpty || !bytes.allSatisfy({ isLower($0) || isDigit($0) || $0 == dash }) {
            findings.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !bytes.contains(where: isLower) { findings.append("must contain at least one letter (a-z)") }
        if text.contains("--") { findings.append("must not contain consecutive hyphens") }
        if bytes.first == dash || bytes.last == dash { findings.append("must not begin or end with a hyphen") }
        return findings
    }

    public static func cIdentifier(_ text: String) -> [String] {
        guard let first = text.utf8.first, !isDigit(first),
            text.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "_") })
        else {
            return [
                mismatch(
                    "a valid C identifier must start with alphabetic character or '_', followed by a string of "
                        + "alphanumeric characters or '_'", "[A-Za-z_][A-Za-z0-9_]*", "my_name", "MY_NAME", "MyName")
            ]
        }
        return []
    }

    public static func httpHeaderName(_ text: String) -> [String] {
        guard text.isEmpty || !text.utf8.allSatisfy({ isAlphanumeric($0) || $0 == dash }) else { return [] }
        return [
            mismatch(
                "a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+",
                "X-Header-Name")
        ]
    }

    /// Parts of a sysctl's name, with dots or slashes between them.
    static let sysctlPattern = #"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"#

    static func isSysctl(_ text: String) -> Bool {
        let slash = UInt8(ascii: "/")
        let parts = text.utf8.split(omittingEmptySubsequences: false) { $0 == dot || $0 == slash }
        return text.utf8.count <= 253
            && parts.allSatisfy { part in
                guard let first = part.first, let last = part.last else { return false }
                return [first, last].allSatisfy { isLower($0) || isDigit($0) }
                    && part.allSatisfy { isLower($0) || isDigit($0) || $0 == dash || $0 == underscore }
            }
    }

    /// What follows the domain of a domain-prefixed path.
    static func urlPath(_ text: String) -> [String] {
        let marks = Set("/-._~%!$&'()*+,;=:".utf8)
        guard text.isEmpty || !text.utf8.allSatisfy({ isAlphanumeric($0) || marks.contains($0) }) else { return [] }
        return [mismatch("Invalid path", #"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"#)]
    }

    /// A subdomain of at least three parts.
    public static func fullyQualifiedName(_ text: String) -> [String] {
        let findings = dns1123Subdomain(text)
        guard findings.isEmpty else { return [findings.joined(separator: ",")] }
        return text.utf8.count { $0 == dot } < 2
            ? ["should be a domain with at least three segments separated by dots"] : []
    }

    // MARK: - Parts

    public static func isDNS1123Subdomain(_ text: String) -> Bool {
        text.utf8.split(separator: dot, omittingEmptySubsequences: false).allSatisfy(isDNS1123Label)
    }

    private static func isDNS1123Label(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last, first != dash, last != dash else { return false }
        return bytes.allSatisfy { isLower($0) || isDigit($0) || $0 == dash }
    }

    private static func isName(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return false
        }
        return bytes.allSatisfy { isAlphanumeric($0) || isNameMark($0) }
    }

    private static let dash = UInt8(ascii: "-")
    private static let dot = UInt8(ascii: ".")
    private static let underscore = UInt8(ascii: "_")

    private static func isLower(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLower(byte | 0x20) }

    private static func isNameMark(_ byte: UInt8) -> Bool {
        byte == dash || byte == dot || byte == underscore
    }

    private static let qualifiedNameMismatch = mismatch(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        qualifiedNamePattern, "MyName", "my.name", "123-abc")

    static func tooLong(_ limit: Int) -> String { "must be no more than \(limit) bytes" }

    private static func tooLong(_ text: String, _ limit: Int) -> [String] {
        text.utf8.count > limit ? [tooLong(limit)] : []
    }

    /// Upstream's sentence for a text that a pattern does not match, with its odd punctuation.
    static func mismatch(_ rule: String, _ pattern: String, _ examples: String...) -> String {
        guard !examples.isEmpty else { return "\(rule) (regex used for validation is '\(pattern)')" }
        let shown = examples.map { "'\($0)', " }.joined(separator: " or ")
        return "\(rule) (e.g. \(shown)regex used for validation is '\(pattern)')"
    }
}
