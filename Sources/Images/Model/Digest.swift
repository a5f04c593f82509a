import Crypto

/// `sha256:` and 64 lower-case hexadecimal digits: the name of a blob by its content (OCI image-spec, descriptor.md).
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    public let hex: String

    public init?(_ text: String) {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix) else { return nil }
        let hex = text.dropFirst(prefix.count)
        guard hex.utf8.count == 64, hex.utf8.allSatisfy({ $0.isHexadecimal && !$0.isUpperCase }) else { return nil }
        self.hex = String(hex)
    }

    init(_ digest: SHA256.Digest) {
        hex = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    public init(of bytes: [UInt8]) { self.init(SHA256.hash(data: bytes)) }

    public var description: String { "sha256:" + hex }
}

extension UInt8 {
    fileprivate var isUpperCase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
