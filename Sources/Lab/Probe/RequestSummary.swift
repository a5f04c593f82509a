import NetTypes

/// Many requests to one address, counted.
public struct RequestSummary: Sendable, Equatable, CustomStringConvertible {
    public private(set) var perBackend: [String: Int] = [:]
    public private(set) var refused = 0
    public private(set) var timedOut = 0
    /// By errno.
    public private(set) var failed: [CInt: Int] = [:]
    /// The source addresses that backends saw.
    public private(set) var peers: Set<IPAddress> = []

    public init(_ outcomes: some Sequence<ProbeOutcome>) {
        for outcome in outcomes {
            switch outcome {
            case .reply(let reply):
                perBackend[reply.backend, default: 0] += 1
                peers.insert(reply.peer.address)
            case .refused: refused += 1
            case .timeout: timedOut += 1
            case .failed(let code): failed[code, default: 0] += 1
            }
        }
    }

    /// Sends `count` requests from the calling thread's namespace.
    public static func request(_ probe: Probe, count: Int) -> RequestSummary {
        RequestSummary(ProbeRunner.run(Array(repeating: probe, count: count)))
    }

    public var replies: Int { perBackend.values.reduce(0, +) }

    /// One line per backend and per kind of failure, then the addresses the backends saw.
    public var description: String {
        var lines = perBackend.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if refused > 0 { lines.append("refused \(refused)") }
        if timedOut > 0 { lines.append("timed out \(timedOut)") }
        lines += failed.sorted { $0.key < $1.key }.map { "\(LabError("failed", code: $0.key)) \($0.value)" }
        if !peers.isEmpty { lines.append("seen as " + peers.sorted().map(\.description).joined(separator: ", ")) }
        return lines.joined(separator: "\n")
    }
}
