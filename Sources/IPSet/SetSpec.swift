import NetTypes

/// What a set's entries are made of, by the names of ipset(8).
public enum SetKind: String, Sendable, Hashable, CaseIterable {
    case hashIP = "hash:ip"
    case hashNet = "hash:net"
    case hashIPPort = "hash:ip,port"
    case hashNetPort = "hash:net,port"
    case hashIPPortIP = "hash:ip,port,ip"
    case hashIPPortNet = "hash:ip,port,net"
    case bitmapPort = "bitmap:port"
}

/// A set as it is created.
public struct SetSpec: Sendable, Hashable {
    /// At most 31 bytes.
    public let name: String
    public let kind: SetKind
    /// Without meaning for `bitmapPort`, which has no family.
    public let family: IPFamily
    /// Entries may carry comments.
    public let hasComments: Bool
    /// Entries may carry packet marks (ipset's `skbinfo`).
    public let hasMarks: Bool
    /// Seconds that entries stay by default, 0 for ever; nil for a set whose entries never time out.
    public let timeout: UInt32?
    /// The most entries of a hash.
    public let maxElements: UInt32
    /// The ports that a `bitmapPort` spans.
    public let ports: ClosedRange<UInt16>

    public init(
        _ name: String, _ kind: SetKind, _ family: IPFamily, hasComments: Bool = false, hasMarks: Bool = false,
        timeout: UInt32? = nil, maxElements: UInt32 = 1 << 20, ports: ClosedRange<UInt16> = 0...65535
    ) {
        self.name = name
        self.kind = kind
        self.family = family
        self.hasComments = hasComments
        self.hasMarks = hasMarks
        self.timeout = timeout
        self.maxElements = maxElements
        self.ports = ports
    }
}

extension SetSpec: CustomStringConvertible {
    /// The line that `ipset restore` reads.
    public var description: String {
        var words = ["create", name, kind.rawValue]
        if kind == .bitmapPort {
            words += ["range", "\(ports.lowerBound)-\(ports.upperBound)"]
        } else {
            words += ["family", family == .ipv4 ? "inet" : "inet6", "maxelem", "\(maxElements)"]
        }
        if let timeout { words += ["timeout", "\(timeout)"] }
        if hasComments { words.append("comment") }
        if hasMarks { words.append("skbinfo") }
        return words.joined(separator: " ")
    }
}
