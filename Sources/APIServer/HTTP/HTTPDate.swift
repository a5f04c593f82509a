import Glibc
import Synchronization

/// The `Date` header, made once a second.
final class HTTPDate: Sendable {
    private let last = Mutex((second: time_t(0), text: ""))

    func now() -> String {
        let now = time(nil)
        return last.withLock { last in
            if last.second != now { last = (now, Self.text(now)) }
            return last.text
        }
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`
    static func text(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        func padded(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday) % 7]), \(padded(parts.tm_mday)) \(months[Int(parts.tm_mon) % 12]) "
            + "\(parts.tm_year + 1900) \(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec)) GMT"
    }
}
