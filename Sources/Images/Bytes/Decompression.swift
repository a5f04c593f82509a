/// Takes compressed bytes apart as their first bytes say, whatever a media type says of them.
enum Decompression {
    static func source(_ source: any ByteSource, name: String) throws(ImageError) -> any ByteSource {
        let head = try source.read(upTo: 6)
        let whole = PrefixedSource(head, source)
        switch kind(head) {
        case .gzip: return try GzipSource(whole, name: name)
        case .plain: return whole
        case .other(let kind):
            throw ImageError(.unsupported, "\(name) is compressed with \(kind); Apus reads plain tar and gzip")
        }
    }

    enum Kind: Equatable {
        case plain, gzip
        case other(String)
    }

    static func kind(_ head: [UInt8]) -> Kind {
        if head.starts(with: [0x1f, 0x8b]) { return .gzip }
        if head.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .other("zstd") }
        if head.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) { return .other("xz") }
        if head.starts(with: Array("BZh".utf8)) { return .other("bzip2") }
        return .plain
    }
}
