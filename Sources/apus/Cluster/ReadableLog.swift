import KubeAPI
import Logging
import Telemetry

/// Turns a log of JSON objects, one a line, into lines for people. What is no such object, as the last words of a crash,
/// stays as it is.
struct ReadableLog {
    /// A line that is longer is not waited for.
    private static let longestLine = 1 << 20

    let isColoured: Bool
    /// The beginning of a line whose end has not come.
    private var rest: [UInt8] = []

    init(isColoured: Bool) { self.isColoured = isColoured }

    /// The whole lines that more bytes of the log complete.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        rest += bytes
        var output: [UInt8] = []
        var lines = rest[...]
        while let end = lines.firstIndex(of: UInt8(ascii: "\n")) {
            output += line(lines[..<end])
            lines = lines[(end + 1)...]
        }
        rest = Array(lines)
        return rest.count > Self.longestLine ? output + end() : output
    }

    /// What is left at the end of the log.
    mutating func end() -> [UInt8] {
        defer { rest = [] }
        return rest
    }

    private func line(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard bytes.first == UInt8(ascii: "{"), let value = try? JSONParser.parse(bytes),
            let line = ReadableLine(json: value)
        else { return Array(bytes) + [UInt8(ascii: "\n")] }
        return Array(line.text(isColoured: isColoured).utf8)
    }
}

extension ReadableLine {
    /// nil for an object that `LogFormat.json` did not write.
    init?(json: JSONValue) {
        guard case .object(let object) = json,
            let level = object["level"]?.string.flatMap({ Logger.Level(rawValue: $0) }),
            let message = object["msg"]?.string
        else { return nil }
        let milliseconds: Double
        switch object["ts"] {
        case .double(let value): milliseconds = value
        case .integer(let value): milliseconds = Double(value)
        default: return nil
        }
        let values = object.members.filter { !["ts", "level", "caller", "msg", "v"].contains($0.key) }
        self.init(
            time: LogTime.text(milliseconds: milliseconds), level: level, message: message,
            values: values.map { .init(name: $0.key, text: $0.value.string ?? JSONWriter.text($0.value)) })
    }
}
