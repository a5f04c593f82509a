import CNftnl

extension String {
    /// The text as nft can write and read it as a comment: at most 128 bytes, without quotes and control characters.
    var asComment: String {
        var copy = self
        let isFit = copy.withUTF8 { bytes in
            bytes.count <= Self.mostCommentBytes
                && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") }
        }
        if isFit { return self }
        var fitting = String()
        for scalar in unicodeScalars {
            let isPlain = scalar.value >= 0x20 && scalar.value != 0x7f
            fitting.unicodeScalars.append(scalar == "\"" ? "'" : isPlain ? scalar : " ")
            if fitting.utf8.count > Self.mostCommentBytes {
                fitting.unicodeScalars.removeLast()
                break
            }
        }
        return fitting
    }

    private static var mostCommentBytes: Int { Int(NFTNL_UDATA_COMMENT_MAXLEN) }
}
