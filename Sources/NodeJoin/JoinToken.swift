/// `ID.SECRET`: six and sixteen of a-z and 0-9 (KEP-130 bootstrap tokens).
public struct JoinToken: Sendable, Hashable, CustomStringConvertible {
    public let id: String
    public let secret: String

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")

    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].count == 6, parts[1].count == 16,
            parts.joined().allSatisfy(Self.letters.contains)
        else { return nil }
        id = parts[0]
        secret = parts[1]
    }

    public init(using generator: inout some RandomNumberGenerator) {
        id = Self.text(6, &generator)
        secret = Self.text(16, &generator)
    }

    private static func text(_ count: Int, _ generator: inout some RandomNumberGenerator) -> String {
        String((0..<count).map { _ in Self.letters[Int.random(in: 0..<Self.letters.count, using: &generator)] })
    }

    public var description: String { "\(id).\(secret)" }
}
