import Bench
import Processes

/// One run of Debian's `wrk`, in the calling thread's namespace and on its processor.
struct Wrk {
    enum Kind: String, CaseIterable {
        /// 64 connections, each asks again as soon as it has its answer.
        case keepAlive = "keep-alive"
        /// The same, each answer ends its connection.
        case newConnections = "new-connections"
        /// Four connections that fetch 256 MB files.
        case bulk
    }

    struct Outcome: Sendable {
        var perSecond = 0.0
        /// Milliseconds.
        var p99 = 0.0
        /// MB/s, 10⁶ bytes.
        var throughput = 0.0
        /// Connections that broke and answers that were no success.
        var failures = 0.0
    }

    static func run(_ kind: Kind, _ host: String, for duration: Duration) throws -> Outcome {
        var arguments = ["--threads", "1", "--duration", "\(Int(duration.seconds))s", "--latency", "--timeout", "20s"]
        arguments += ["--connections", kind == .bulk ? "4" : "64"]
        if kind == .newConnections { arguments += ["--header", "Connection: close"] }
        let path = kind == .bulk ? "large" : "small"
        let wrk = ProgramStart.bench("/usr/bin/wrk", arguments + ["http://\(host)/\(path)"])
        let finished = try FinishedProcess.run(wrk, limit: .seconds(60))
        switch finished.end {
        case .exit(0): return try Outcome(finished.text)
        case .timeLimit: throw BenchError("wrk did not end")
        default: throw BenchError("wrk failed: \(finished.text)\(finished.errorText)")
        }
    }
}

extension Wrk.Outcome {
    /// Reads wrk's report.
    init(_ report: String) throws(BenchError) {
        for line in report.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" }).map(String.init)
            guard let last = words.last else { continue }
            switch words.first {
            case "Requests/sec:": perSecond = Double(last) ?? 0
            case "Transfer/sec:": throughput = Self.quantity(last) / 1e6
            case "99%": p99 = Self.quantity(last) * 1000
            case "Socket", "Non-2xx": failures += words.compactMap(Double.init).reduce(0, +)
            default: continue
            }
        }
        guard perSecond > 0 || throughput > 0 else { throw BenchError("wrk got no answers: \(report)") }
    }

    /// `1.50ms` in seconds, `3.20GB` in bytes.
    private static func quantity(_ text: String) -> Double {
        let units: KeyValuePairs = [
            "us": 1e-6, "ms": 1e-3, "KB": 1024.0, "MB": 1_048_576.0, "GB": 1_073_741_824.0, "m": 60, "s": 1, "B": 1,
        ]
        for (unit, scale) in units where text.hasSuffix(unit) {
            return (Double(text.dropLast(unit.count)) ?? 0) * scale
        }
        return 0
    }
}
