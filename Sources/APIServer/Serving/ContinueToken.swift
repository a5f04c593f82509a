import KubeAPI
import StoreCore

/// Where the next part of a list begins: upstream's token, base64url of a small JSON object.
struct ContinueToken: Sendable, Hashable {
    /// -1: at whatever revision is the latest.
    var revision: Revision
    /// Below the resource's prefix, without its leading slash; the last key given and a zero byte.
    var start: String

    init(revision: Revision, start: String) {
        self.revision = revision
        self.start = start
    }

    var text: String {
        let json: JSONValue = ["v": "meta.k8s.io/v1", "rv": .integer(revision), "start": .string(start)]
        return TokenText.encoded(JSONWriter.bytes(json))
    }

    init(parsing text: String) throws(Status) {
        guard let bytes = TokenText.decoded(text), let json = try? JSONParser.parse(bytes) else {
            throw Self.refusal("continue key is not valid")
        }
        guard json["v"] == "meta.k8s.io/v1" else {
            throw Self.refusal("continue key is not valid: server does not recognize this encoded version")
        }
        guard let revision = json["rv"]?.integer, revision != 0 else {
            throw Self.refusal(
                "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
        }
        guard let start = json["start"]?.string, !start.isEmpty else {
            throw Self.refusal("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)")
        }
        guard !start.contains("..") else { throw Self.refusal("continue key is not valid") }
        self.init(revision: revision, start: start)
    }

    static func refusal(_ why: String) -> Status { .badRequest("invalid continue token: \(why)") }
}

/// RFC 4648, section 5, without padding.
enum TokenText {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encoded(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for index in 0...group.count { text.append(letters[Int(word >> UInt32(18 - 6 * index) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for letter in text.utf8 where letter != UInt8(ascii: "=") {
            guard let value = letters.firstIndex(of: letter) else { return nil }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                word &= (1 << bits) - 1
            }
        }
        return bytes
    }
}
