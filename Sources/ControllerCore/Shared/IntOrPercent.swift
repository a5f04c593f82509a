import KubeAPI

/// A number or a percentage of something, as `maxSurge: 25%`.
public enum IntOrPercent {
    /// nil when it is neither; a percentage is rounded as told. Never negative.
    public static func scaled(_ value: JSONValue?, of total: Int64, roundingUp: Bool) -> Int64? {
        switch value {
        case .integer(let number)?: return max(0, number)
        case .string(let text)?:
            guard text.hasSuffix("%"), let percent = Int64(text.dropLast()), percent >= 0, percent <= 1_000_000,
                total >= 0, total <= 1 << 40
            else { return nil }
            let product = percent * total
            return roundingUp ? (product + 99) / 100 : product / 100
        default: return nil
        }
    }
}
