import KubeAPI
import KubeSchema

/// PodLogOptions, as they come in a query.
struct LogQuery: Sendable, Hashable {
    var follows = false
    var hasTimes = false
    /// Lines; nil for all.
    var tail: Int?
    /// Bytes; nil for all.
    var limit: Int?
    /// Nothing before; in CRI's text, which sorts by time.
    var since: Int64?
    /// `stdout` or `stderr`; nil for both.
    var stream: String?

    /// Why they cannot be meant.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    init(_ path: AgentPath, now: Int64) throws(Refusal) {
        let errors: [FieldError]
        do throws(PodLogOptionsValidation.Unreadable) {
            errors = try PodLogOptionsValidation.errors(path.query)
        } catch {
            throw Refusal(description: error.description)
        }
        guard errors.isEmpty else {
            let texts = errors.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
            throw Refusal(description: texts.joined(separator: ", "))
        }
        follows = path.isSet("follow")
        hasTimes = path.isSet("timestamps")
        tail = path.first("tailLines").flatMap { Int($0) }
        limit = path.first("limitBytes").flatMap { Int($0) }
        since = path.first("sinceTime").flatMap { RFC3339.nanoseconds($0) }
        if let seconds = path.first("sinceSeconds").flatMap({ Int64($0) }) {
            since = now - min(seconds, 1_000_000_000) * 1_000_000_000
        }
        stream = ["Stdout": "stdout", "Stderr": "stderr"][path.first("stream") ?? ""]
    }

    /// What of a line `time stream tag text` is shown; nil for nothing. The line comes without its end.
    func shown(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4 else { return nil }
        if let stream, !fields[1].elementsEqual(stream.utf8) { return nil }
        if let since, let time = RFC3339.nanoseconds(String(decoding: fields[0], as: UTF8.self)), time < since {
            return nil
        }
        let isPartial = fields[2].first == UInt8(ascii: "P")
        let head = hasTimes ? Array(fields[0]) + [UInt8(ascii: " ")] : []
        return head + fields[3] + (isPartial ? [] : [UInt8(ascii: "\n")])
    }
}
