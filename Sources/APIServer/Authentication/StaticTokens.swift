import AccessControl

/// `--token-auth-file`: lines of `token,user,uid,"group1,group2"` (RFC 4180), the groups optional.
public struct StaticTokens: TokenAuthenticator {
    private let users: [String: UserInfo]

    public struct FileError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    public init(_ text: String) throws(FileError) {
        var users: [String: UserInfo] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let fields = Self.fields(line)
            if fields.count == 1, fields[0].isEmpty || fields[0].hasPrefix("#") { continue }
            guard fields.count >= 3, !fields[0].isEmpty, !fields[1].isEmpty else {
                throw FileError(
                    description: "line \(index + 1) of the token file needs a token, a user name and a user id, "
                        + "separated by commas")
            }
            let groups = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            users[fields[0]] = UserInfo(name: fields[1], uid: fields[2], groups: groups)
        }
        self.users = users
    }

    public func authenticate(token: String, audiences: [String]) async -> TokenResult {
        users[token].map { .user($0, audiences: audiences) } ?? .none
    }

    private static func fields(_ line: Substring) -> [String] {
        var fields = [""]
        var isQuoted = false
        var previous: Character = ","
        for character in line {
            switch character {
            case "\"":
                // Two quotes within quotes are one.
                if !isQuoted && previous == "\"" && !fields[fields.count - 1].isEmpty {
                    fields[fields.count - 1].append("\"")
                }
                isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
            previous = character
        }
        return fields.map { String($0.drop { $0 == " " }) }
    }
}
