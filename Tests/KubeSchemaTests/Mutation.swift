import TestRandom
import KubeAPI

/// Random changes of JSON trees and texts, the same for a seed.
struct Mutation: RandomNumberGenerator {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func next() -> UInt64 { random.next() }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(1, limit), using: &self) }

    private static let odd: [JSONValue] = [
        .null, true, "", "x", "-", "a/b/c", "é", 0, -1, .integer(.max), .integer(.min), .double(0.5), [], [:], [[]],
        ["a"],
        [["name": "a"]], ["$patch": "delete"], ["f:x": [:]], "1e400", "99999999999999999999Ei",
    ]

    /// A few values replaced, members removed, repeated or renamed.
    mutating func changed(_ value: JSONValue) -> JSONValue {
        if below(12) == 0 { return Self.odd[below(Self.odd.count)] }
        switch value {
        case .array(var array):
            for index in array.indices { array[index] = changed(array[index]) }
            if !array.isEmpty, below(6) == 0 { array.append(array[below(array.count)]) }
            return .array(array)
        case .object(var object):
            for index in object.members.indices { object.members[index].value = changed(object.members[index].value) }
            if !object.members.isEmpty, below(10) == 0 { object.members.remove(at: below(object.members.count)) }
            if !object.members.isEmpty, below(10) == 0 {
                object.members.append(object.members[below(object.members.count)])
            }
            return .object(object)
        default: return value
        }
    }

    /// A few bytes replaced, removed, inserted or repeated; always UTF-8.
    mutating func changed(_ text: String, tokens: [String]) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<(1 + below(5)) {
            let position = below(scalars.count + 1)
            switch below(4) {
            case 0: scalars.insert(contentsOf: tokens[below(tokens.count)].unicodeScalars, at: position)
            case 1: scalars.removeSubrange(position..<min(scalars.count, position + below(5)))
            case 2:
                scalars.insert(contentsOf: Array(scalars[position..<min(scalars.count, position + 6)]), at: position)
            default: scalars.insert(Unicode.Scalar(UInt8(below(128))), at: position)
            }
        }
        return scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
    }
}
