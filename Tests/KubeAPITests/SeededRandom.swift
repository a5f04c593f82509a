import TestRandom

@testable import KubeAPI

extension SeededRandom {
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func json(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .integer(Int64(bitPattern: next() >> UInt64(below(64))))
        case 3:
            let double = Double(bitPattern: next())
            return .double(double.isFinite ? double : 0.5)
        case 4, 5: return .string(string())
        case 6: return .array((0..<below(5)).map { _ in json(depth: depth - 1) })
        default:
            return .object(JSONObject((0..<below(5)).map { _ in .init(string(), json(depth: depth - 1)) }))
        }
    }

    private mutating func string() -> String {
        let pool: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\0", "\u{1f}", "/", "é", "\u{2028}", "😀", "\u{10FFFF}"]
        return (0..<below(20)).reduce(into: "") { text, _ in text.unicodeScalars.append(pool[below(pool.count)]) }
    }
}
