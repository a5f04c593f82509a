/// k8s.io/apimachinery duration.HumanDuration: two units at most, and the second only while it says something.
public enum HumanDuration {
    /// Clocks may differ by a second.
    public static func text(seconds: Int64) -> String {
        let (minutes, hours) = (seconds / 60, seconds / 3600)
        let days = hours / 24
        switch true {
        case seconds < -1: return "<invalid>"
        case seconds < 0: return "0s"
        case seconds < 120: return "\(seconds)s"
        case minutes < 10: return pair(minutes, "m", seconds % 60, "s")
        case minutes < 180: return "\(minutes)m"
        case hours < 8: return pair(hours, "h", minutes % 60, "m")
        case hours < 48: return "\(hours)h"
        case days < 8: return pair(days, "d", hours % 24, "h")
        case days < 730: return "\(days)d"
        case days < 2920: return pair(days / 365, "y", days % 365, "d")
        default: return "\(days / 365)y"
        }
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}
