import Logging

/// How log lines look.
public enum LogFormat: Sendable, Hashable {
    /// `I1121 06:11:57.123456    4711 Daemon.swift:12] "Message" key="value"`, as klog writes.
    case klog
    /// One JSON object a line, with the members of Kubernetes' own: ts, caller, msg, v, err.
    case json
    /// Short, coloured, for people: a `ReadableLine`.
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
        ReadableLine(
            time: record.time.clock, level: record.level, message: record.message,
            values: record.metadata.map { .init(name: $0.name, text: LogRecord.text($0.value)) }
        ).text(isColoured: true)
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
    /// What `--logging-format` may be.
    public enum Choice: String, Sendable, CaseIterable {
        case text
        case json
        /// Text for people, JSON for programs.
        case auto
    }

    /// What is asked for, as the kind of standard error has it.
    public init(_ choice: Choice, isTerminal: Bool = StandardError.isTerminal) {
        self =
            switch choice {
            case .json: .json
            case .text: isTerminal ? .terminal : .klog
            case .auto: isTerminal ? .terminal : .json
            }
    }
}
