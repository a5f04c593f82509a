import KubeAPI

/// Times of objects: metav1.Time texts from and to nanoseconds since 1970.
public enum Timestamp {
    public static func text(_ nanoseconds: Int64) -> JSONValue {
        .string(RFC3339.text(nanoseconds: nanoseconds, .seconds))
    }

    public static func microseconds(_ nanoseconds: Int64) -> JSONValue {
        .string(RFC3339.text(nanoseconds: nanoseconds, .microseconds))
    }

    public static func nanoseconds(_ value: JSONValue?) -> Int64? {
        value?.string.flatMap(RFC3339.nanoseconds)
    }

    public static let second: Int64 = 1_000_000_000

    /// `start` and some seconds, without overflow.
    public static func adding(seconds: Int64, to start: Int64) -> Int64 {
        let (added, overflow) = seconds.multipliedReportingOverflow(by: second)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = start.addingReportingOverflow(added)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// From `now` until `then`; nothing when that has passed.
    public static func wait(from now: Int64, until then: Int64) -> Duration {
        let (difference, overflow) = then.subtractingReportingOverflow(now)
        return overflow ? .seconds(86_400) : .nanoseconds(max(0, difference))
    }
}
