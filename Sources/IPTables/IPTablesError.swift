/// What an iptables program said when it failed.
public struct IPTablesError: Error, Sendable, Equatable, CustomStringConvertible {
    public let program: String
    /// Its last words, at most 400 characters on one line.
    public let reason: String
    /// The line of the input that it refused, where it says which.
    public let line: String?

    public init(_ program: String, _ reason: String, line: String? = nil) {
        self.program = program
        self.reason = reason
        self.line = line
    }

    /// Finds the number in `line 12 failed` or `line 12: ...` and that line of the input.
    init(_ program: String, output: String, input: String) {
        let words = output.split { " \n:".contains($0) }
        let position = words.firstIndex { $0 == "line" }.map { words.index(after: $0) }
        let number = position.flatMap { $0 < words.endIndex ? Int(words[$0]) : nil }
        let lines = number == nil ? [] : input.split(separator: "\n", omittingEmptySubsequences: false)
        let line = number.flatMap { $0 >= 1 && $0 <= lines.count ? String(lines[$0 - 1].prefix(300)) : nil }
        let text = output.split(separator: "\n").joined(separator: " ").suffix(400)
        self.init(program, text.isEmpty ? "it failed without a word" : String(text), line: line)
    }

    public var description: String { "\(program): \(reason)\(line.map { ", in \"\($0)\"" } ?? "")" }
}
