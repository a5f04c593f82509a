/// Tells when somebody has set the wall clock: it then goes apart from one that nobody sets.
struct ClockSteps: Sendable {
    /// Smaller differences are how clocks are adjusted all the time.
    private static let smallest: Int64 = 1000

    private let wall: @Sendable () -> Int64
    private let steady: @Sendable () -> Int64
    private var offset: Int64

    /// Both in milliseconds.
    init(wall: @escaping @Sendable () -> Int64, steady: @escaping @Sendable () -> Int64) {
        self.wall = wall
        self.steady = steady
        offset = wall() - steady()
    }

    /// By how many milliseconds the clock was set since it was last asked; 0 when it was not.
    mutating func step() -> Int64 {
        let now = wall() - steady()
        let step = now - offset
        offset = now
        return abs(step) >= Self.smallest ? step : 0
    }
}
