import Logging

/// A log event as people read it: `06:11:57 warning Message  key=value other="two words"`.
public struct ReadableLine: Sendable, Equatable {
    public struct Value: Sendable, Equatable {
        public var name: String
        public var text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// The clock, with the date or without.
    public var time: String
    public var level: Logger.Level
    public var message: String
    public var values: [Value]

    public init(time: String, level: Logger.Level, message: String, values: [Value]) {
        self.time = time
        self.level = level
        self.message = message
        self.values = values
    }

    /// One line with its line feed; no control character of the event gets through.
    public func text(isColoured: Bool) -> String {
        func dress(_ text: String, _ code: String) -> String { isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
        var line = dress(time, "2") + " "
        switch level {
        case .trace, .debug: line += dress("\(level)", "2") + " "
        case .info, .notice: break
        case .warning: line += dress("warning", "33") + " "
        case .error, .critical: line += dress("\(level)", "31") + " "
        }
        line += Self.plain(message)
        guard !values.isEmpty else { return line + "\n" }
        let list = values.map { " \($0.name)=\(Self.word($0.text))" }.joined()
        return line + " " + dress(list, "2") + "\n"
    }

    /// Quoted only where it holds control characters.
    private static func plain(_ text: String) -> String {
        let isHarmless = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isHarmless ? text : LogRecord.quoted(text)
    }

    /// Quoted also where its end could not be seen.
    private static func word(_ text: String) -> String {
        let isWord = !text.isEmpty && !text.utf8.contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }
        return isWord ? plain(text) : LogRecord.quoted(text)
    }
}
