/// One probe of one life of a container: when it is next, and what the results so far say. Times are nanoseconds.
struct ProbeState: Sendable, Hashable {
    let kind: ProbeKind
    let declaration: ProbeDeclaration
    private(set) var passes: Bool
    private(set) var next: Int64
    private(set) var isUnderWay = false
    private var successes: Int64 = 0
    private var failures: Int64 = 0

    /// - Parameter passes: what holds before the first result; liveness starts well, the others do not.
    init(_ kind: ProbeKind, _ declaration: ProbeDeclaration, startedAt: Int64, passes: Bool? = nil) {
        self.kind = kind
        self.declaration = declaration
        self.passes = passes ?? (kind == .liveness)
        next = startedAt &+ declaration.initialDelay * Seconds.one
    }

    func isDue(_ now: Int64) -> Bool { !isUnderWay && now >= next }

    mutating func begin() { isUnderWay = true }

    /// True when the result says other than before; for liveness and startup also each time the limit is reached.
    mutating func note(_ isGood: Bool, now: Int64) -> Bool {
        isUnderWay = false
        next = now &+ declaration.period * Seconds.one
        if isGood {
            (successes, failures) = (successes + 1, 0)
            guard successes >= declaration.successThreshold, !passes else { return false }
            passes = true
            return true
        }
        (successes, failures) = (0, failures + 1)
        guard failures >= declaration.failureThreshold else { return false }
        let hasChanged = passes || kind != .readiness
        passes = false
        return hasChanged
    }
}

enum Seconds {
    /// In nanoseconds.
    static let one: Int64 = 1_000_000_000
}
