/// One TCP connection as the echo server sees it: how many answers the bytes that arrived so far ask for.
///
/// Nothing is stored but the position inside the end mark, so a client can send lines of any length.
struct EchoConversation {
    /// What the first bytes said. A GET has no body, so a blank line ends it.
    enum Style: Equatable { case undecided, line, http }

    private(set) var style = Style.undecided
    /// How many bytes of the method, then of the end mark, have been seen.
    private var matched = 0

    private static let method = Array("GET ".utf8)
    private static let endOfHead = Array("\r\n\r\n".utf8)
    private static let newline = UInt8(ascii: "\n")

    /// The number of requests that `bytes` complete.
    mutating func receive(_ bytes: some Sequence<UInt8>) -> Int {
        var complete = 0
        for byte in bytes where take(byte) { complete += 1 }
        return complete
    }

    /// True if `byte` ends a request.
    private mutating func take(_ byte: UInt8) -> Bool {
        switch style {
        case .undecided:
            guard byte == Self.method[matched] else {
                style = .line
                return byte == Self.newline
            }
            matched += 1
            if matched == Self.method.count { (style, matched) = (.http, 0) }
            return false
        case .line: return byte == Self.newline
        case .http:
            matched = byte == Self.endOfHead[matched] ? matched + 1 : byte == Self.endOfHead[0] ? 1 : 0
            guard matched == Self.endOfHead.count else { return false }
            matched = 0
            return true
        }
    }
}
