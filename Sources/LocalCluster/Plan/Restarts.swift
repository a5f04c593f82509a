/// When a process that ended is started again: at once, then later and later while it keeps ending early.
public struct Restarts: Sendable, Equatable {
    /// A process that ran this long was well.
    static let wellAfter = Duration.seconds(10)
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(10)

    private struct Failures: Equatable {
        var pause: Duration
        var due: Duration
    }

    private var failures: [String: Failures] = [:]

    public init() {}

    /// - Parameter now: any clock that only goes forward.
    public mutating func ended(_ name: String, after life: Duration, now: Duration) {
        let before = life < Self.wellAfter ? failures[name]?.pause : nil
        let pause = before.map { min($0 * 2, Self.longest) } ?? Self.first
        failures[name] = Failures(pause: pause, due: now + pause)
    }

    /// How long to wait before it is started; zero is now.
    public func wait(_ name: String, now: Duration) -> Duration { max(.zero, (failures[name]?.due ?? now) - now) }

    /// Those that shall not run any more begin anew when they do.
    public mutating func keep(_ names: Set<String>) { failures = failures.filter { names.contains($0.key) } }
}
