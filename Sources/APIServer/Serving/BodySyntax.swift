import KubeAPI

/// What is wrong with a body that is no JSON, as Go says it.
enum BodySyntax {
    private static let places = [
        "expected a value": "looking for beginning of value", "expected ',' or ']'": "after array element",
        "expected a quoted member name": "looking for beginning of object key string",
        "expected ':'": "after object key", "expected ',' or '}'": "after object key:value pair",
        "expected nothing after the value": "after top-level value",
    ]

    static func text(_ error: JSONError, in body: [UInt8]) -> String {
        if error.endsEarly { return "unexpected end of JSON input" }
        guard let place = places[error.reason], let found = character(at: error.position, in: body) else {
            return error.description
        }
        return "invalid character '\(found)' \(place)"
    }

    private static func character(at position: TextPosition, in body: [UInt8]) -> Unicode.Scalar? {
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(position.line - 1) else { return nil }
        let line = String(decoding: lines[position.line - 1], as: UTF8.self).unicodeScalars
        return line.dropFirst(position.column - 1).first
    }
}

/// The first bytes of a body, for messages about one that cannot be read.
enum BodySummary {
    private static let most = 30

    static func text(_ body: [UInt8]) -> String {
        guard let first = body.first else { return "<empty>" }
        let head = body.prefix(most)
        let shown =
            first == UInt8(ascii: "{")
            ? String(decoding: head, as: UTF8.self)
            : head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return body.count > most ? shown + " ..." : shown
    }
}
