import KubeAPI

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

    /// Nil for what cannot be meant.
    init?(_ path: AgentPath, now: Int64) {
        follows = path.isSet("follow")
        hasTimes = path.isSet("timestamps")
        if let text = path.first("tailLines"), !text.isEmpty {
            guard let count = Int(text), count >= 0 else { return nil }
            tail = count
        }
        if let text = path.first("limitBytes"), !text.isEmpty {
            guard let count = Int(text), count > 0 else { return nil }
            limit = count
        }
        if let text = path.first("sinceSeconds"), !text.isEmpty {
            guard let seconds = Int64(text), (0...1_000_000_000).contains(seconds) else { return nil }
            since = now - seconds * 1_000_000_000
        }
        if let text = path.first("sinceTime"), !text.isEmpty {
            guard let time = RFC3339.nanoseconds(text) else { return nil }
            since = time
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
