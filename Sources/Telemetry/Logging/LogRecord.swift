import Logging

/// A log event, ready to be written in one of the formats. Pure.
struct LogRecord {
    var level: Logger.Level
    var message: String
    /// Names ascending.
    var metadata: [(name: String, value: Logger.MetadataValue)]
    /// Path of the source file.
    var file: String
    var line: UInt
    var time: LogTime
    var process: Int32

    static func fileName(_ path: String) -> Substring {
        path.split(separator: "/").last ?? ""
    }

    /// Go's `strconv.Quote`, near enough: no control character gets through.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.properties.generalCategory == .control:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The value as text; collections as JSON.
    static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array, .dictionary: json(value)
        }
    }

    static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string, .stringConvertible: quoted(text(value))
        case .array(let elements): "[" + elements.map(json).joined(separator: ",") + "]"
        case .dictionary(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + json($0.value) }.joined(
                    separator: ",")
                + "}"
        }
    }
}

/// A point in time, as clocks on walls show it.
public struct LogTime {
    var month: Int32
    var day: Int32
    var hour: Int32
    var minute: Int32
    var second: Int32
    /// Since 1970-01-01T00:00:00Z.
    var microseconds: Int64

    /// `06:11:57`
    var clock: String { [hour, minute, second].map { Self.padded($0, 2) }.joined(separator: ":") }

    static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
