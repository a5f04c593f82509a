/// A domain name as on the wire (RFC 1035 section 3.1): labels with their lengths, the empty one last, in the case it came
/// in. At most 255 bytes, labels of at most 63.
///
/// `==` compares bytes; names are equal regardless of case when their `lowercased` are (RFC 4343).
public struct DomainName: Hashable, Sendable {
    public static let longest = 255
    static let longestLabel = 63

    public static let root = DomainName(wire: [0])

    /// Never compressed.
    public let wire: [UInt8]

    /// `wire` must be what the type says.
    init(wire: [UInt8]) { self.wire = wire }

    /// nil when a label is empty or too long, or all are.
    public init?<Labels: Sequence>(labels: Labels) where Labels.Element: Collection<UInt8> {
        var wire: [UInt8] = []
        for label in labels {
            guard (1...Self.longestLabel).contains(label.count) else { return nil }
            wire.append(UInt8(label.count))
            wire += label
        }
        wire.append(0)
        guard wire.count <= Self.longest else { return nil }
        self.wire = wire
    }

    /// From text such as `web.shop.svc.cluster.local`, with or without the last dot; no escapes.
    public init?(_ text: some StringProtocol) {
        let absolute = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard !absolute.isEmpty else {
            self = .root
            return
        }
        self.init(labels: absolute.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false))
    }

    /// Lengths of labels are below `A`, so every byte can be taken for a letter.
    public var lowercased: DomainName {
        DomainName(wire: wire.map(Self.lowercase))
    }

    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    public var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var start = 0
        while wire[start] > 0 {
            let end = start + 1 + Int(wire[start])
            labels.append(wire[(start + 1)..<end])
            start = end
        }
        return labels
    }

    /// The labels before `zone`, the leftmost first; nil when the name is not in the zone. Both must be in lower case.
    func labels(below zone: DomainName) -> [ArraySlice<UInt8>]? {
        let boundary = wire.count - zone.wire.count
        guard boundary >= 0, wire[boundary...].elementsEqual(zone.wire) else { return nil }
        var labels: [ArraySlice<UInt8>] = []
        var start = 0
        while start < boundary {
            let end = start + 1 + Int(wire[start])
            labels.append(wire[(start + 1)..<min(end, wire.count)])
            start = end
        }
        return start == boundary ? labels : nil
    }

    /// The name with one more label in front; nil when that is no name.
    func prepending(_ label: some Collection<UInt8>) -> DomainName? {
        guard (1...Self.longestLabel).contains(label.count), label.count + 1 + wire.count <= Self.longest else {
            return nil
        }
        return DomainName(wire: [UInt8(label.count)] + label + wire)
    }
}

extension DomainName: CustomStringConvertible {
    /// Without the last dot; bytes that are no printable ASCII, dots and backslashes within labels are escaped as `\046`.
    public var description: String {
        guard wire.count > 1 else { return "." }
        return labels.map { $0.map(Self.text).joined() }.joined(separator: ".")
    }

    private static func text(_ byte: UInt8) -> String {
        let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: ".") && byte != UInt8(ascii: "\\")
        guard !isPlain else { return String(UnicodeScalar(byte)) }
        let digits = String(byte)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
