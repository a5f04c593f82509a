/// One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1).
struct AuthChallenge: Equatable {
    /// Lower case.
    var scheme: String
    var parameters: [String: String] = [:]

    /// The challenges of one header's value; what breaks the grammar is passed over.
    static func parse(_ header: String) -> [AuthChallenge] {
        var challenges: [AuthChallenge] = []
        var rest = header[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
            let word = rest.prefix { !" ,=\t".contains($0) }
            rest = rest.dropFirst(word.count)
            if rest.first == "=", !challenges.isEmpty {
                let value = Self.value(&rest)
                challenges[challenges.count - 1].parameters[word.lowercased()] = value
            } else if !word.isEmpty {
                challenges.append(AuthChallenge(scheme: word.lowercased()))
            } else {
                rest = rest.dropFirst()
            }
        }
        return challenges
    }

    /// After the name: `=token` or `="quoted"`.
    private static func value(_ rest: inout Substring) -> String {
        rest = rest.dropFirst()
        guard rest.first == "\"" else {
            let token = rest.prefix { !" ,\t".contains($0) }
            rest = rest.dropFirst(token.count)
            return String(token)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let escaped = rest.popFirst() {
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        return value
    }
}
