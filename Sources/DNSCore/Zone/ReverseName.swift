import NetTypes

/// Names of addresses: `1.0.3.10.in-addr.arpa` (RFC 1035 section 3.5) and 32 digits below `ip6.arpa` (RFC 3596 section 2.5).
enum ReverseName {
    private static let ipv4 = DomainName(wire: [7] + "in-addr".utf8 + [4] + "arpa".utf8 + [0])
    private static let ipv6 = DomainName(wire: [3] + "ip6".utf8 + [4] + "arpa".utf8 + [0])

    /// The tree that a name in lower case is in.
    static func tree(of name: DomainName) -> DomainName? {
        [ipv4, ipv6].first { name.labels(below: $0) != nil }
    }

    /// The address that a name in lower case stands for, and its tree.
    static func address(_ name: DomainName) -> (IPAddress, tree: DomainName)? {
        if let labels = name.labels(below: ipv4) {
            guard labels.count == 4 else { return nil }
            let text = labels.reversed().map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
            return IPAddress(text).map { ($0, ipv4) }
        }
        guard let labels = name.labels(below: ipv6), labels.count == 32 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for label in labels.reversed() {
            guard label.count == 1, let digit = label.first.flatMap({ Character(UnicodeScalar($0)).hexDigitValue })
            else {
                return nil
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        return (IPAddress(high: high, low: low), ipv6)
    }
}
