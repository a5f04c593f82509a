import Logging

/// How log lines look.
public enum LogFormat: Sendable, Hashable {
    /// `I1121 06:11:57.123456    4711 Daemon.swift:12] "Message" key="value"`, as klog writes.
    case klog
    /// One JSON object a line, with the members of Kubernetes' own: ts, caller, msg, v, err.
    case json
    /// Short, coloured, for people: `06:11:57 warning Message  key=value`.
    case terminal

    func line(_ record: LogRecord) -> String {
        switch self {
        case .klog: Self.klog(record)
        case .json: Self.json(record)
        case .terminal: Self.terminal(record)
        }
    }

    private static func klog(_ record: LogRecord) -> String {
        let time = record.time
        let date = LogTime.padded(time.month, 2) + LogTime.padded(time.day, 2)
        let process = String(record.process)
        let pid = String(repeating: " ", count: max(0, 7 - process.count)) + process
        let head =
            "\(letter(record.level))\(date) \(time.clock).\(LogTime.padded(time.microseconds % 1_000_000, 6)) \(pid) "
        let values = record.metadata.map { " \($0.name)=\(LogRecord.quoted(LogRecord.text($0.value)))" }.joined()
        return
            "\(head)\(LogRecord.fileName(record.file)):\(record.line)] \(LogRecord.quoted(record.message))\(values)\n"
    }

    private static func json(_ record: LogRecord) -> String {
        let milliseconds = record.time.microseconds / 1000
        let fraction = LogTime.padded(record.time.microseconds % 1000, 3)
        var line = "{\"ts\":\(milliseconds).\(fraction),\"level\":\"\(record.level)\""
        line += ",\"caller\":\(LogRecord.quoted("\(LogRecord.fileName(record.file)):\(record.line)"))"
        line += ",\"msg\":\(LogRecord.quoted(record.message))"
        if record.level < .warning { line += ",\"v\":\(verbosity(record.level))" }
        for (name, value) in record.metadata { line += ",\(LogRecord.quoted(name)):\(LogRecord.json(value))" }
        return line + "}\n"
    }

    private static func terminal(_ record: LogRecord) -> String {
        let values = record.metadata.map { " \($0.name)=\(plain(LogRecord.text($0.value)))" }.joined()
        let grey = values.isEmpty ? "" : " \u{1b}[2m\(values)\u{1b}[0m"
        return "\u{1b}[2m\(record.time.clock)\u{1b}[0m \(label(record.level))\(plain(record.message))\(grey)\n"
    }

    /// Quoted only where it holds control characters.
    private static func plain(_ text: String) -> String {
        let isHarmless = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isHarmless ? text : LogRecord.quoted(text)
    }

    private static func label(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "\u{1b}[2m\(level)\u{1b}[0m "
        case .info, .notice: ""
        case .warning: "\u{1b}[33mwarning\u{1b}[0m "
        case .error, .critical: "\u{1b}[31m\(level)\u{1b}[0m "
        }
    }

    private static func letter(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug, .info, .notice: "I"
        case .warning: "W"
        case .error: "E"
        case .critical: "F"
        }
    }

    private static func verbosity(_ level: Logger.Level) -> Int {
        switch level {
        case .trace: 6
        case .debug: 4
        default: 0
        }
    }
}

extension LogFormat {
    /// What `--logging-format` and the kind of standard error ask for.
    public init(isJSON: Bool, isTerminal: Bool = StandardError.isTerminal) {
        self = isJSON ? .json : isTerminal ? .terminal : .klog
    }
}
