/// A length of time as Go writes it: `1h2m3.5s`.
public struct GoDuration: Sendable, Hashable, Comparable, LosslessStringConvertible {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func seconds(_ seconds: Int64) -> GoDuration { GoDuration(nanoseconds: seconds * 1_000_000_000) }

    public static let zero = GoDuration(nanoseconds: 0)

    public var duration: Duration { .nanoseconds(nanoseconds) }

    public static func < (a: GoDuration, b: GoDuration) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Numbers with their units, one after the other, perhaps behind a sign; `0` needs no unit. nil for anything else
    /// and for what does not fit in 64 bits of nanoseconds (292 years).
    public init?(_ text: String) {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" {
            self = .zero
            return
        }
        var total: Int64 = 0
        repeat {
            guard let part = Self.part(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        } while !rest.isEmpty
        nanoseconds = isNegative ? -total : total
    }

    /// `1.5h`: a number, of which one side of the point may be missing, and a unit.
    private static func part(_ rest: inout Substring) -> Int64? {
        let whole = digits(&rest)
        var fraction = ""
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = digits(&rest)
        }
        guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
        let unit = rest.prefix { !$0.isASCII || $0.isLetter }
        rest = rest.dropFirst(unit.count)
        guard let length = units[String(unit)], let count = whole.isEmpty ? 0 : Int64(whole) else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        let (sum, carry) = product.addingReportingOverflow(scaled(fraction, length))
        return overflow || carry ? nil : sum
    }

    private static func digits(_ rest: inout Substring) -> String {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return String(digits)
    }

    /// `fraction` behind the point, of a unit; what is below a nanosecond is cut off.
    private static func scaled(_ fraction: String, _ length: Int64) -> Int64 {
        let digits = fraction.prefix(13)
        guard let number = Int64(digits), number > 0 else { return 0 }
        let divisor = (0..<digits.count).reduce(Int64(1)) { power, _ in power * 10 }
        // 13 digits times an hour's nanoseconds need 85 bits.
        let product = number.multipliedFullWidth(by: length)
        return divisor.dividingFullWidth(product).quotient
    }

    private static let units: [String: Int64] = [
        "ns": 1, "us": 1000, "\u{b5}s": 1000, "\u{3bc}s": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    /// `1h2m3.5s`, `1m0s`, `1.5ms`, `0s`
    public var description: String {
        guard nanoseconds != 0 else { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let size = nanoseconds.magnitude
        switch size {
        case ..<1000: return "\(sign)\(size)ns"
        case ..<1_000_000: return "\(sign)\(Self.decimal(size, of: 1000))\u{b5}s"
        case ..<1_000_000_000: return "\(sign)\(Self.decimal(size, of: 1_000_000))ms"
        default:
            let minutes = size / 60_000_000_000
            let seconds = Self.decimal(size % 60_000_000_000, of: 1_000_000_000)
            let head = minutes >= 60 ? "\(minutes / 60)h\(minutes % 60)m" : minutes > 0 ? "\(minutes)m" : ""
            return "\(sign)\(head)\(seconds)s"
        }
    }

    private static func decimal(_ number: UInt64, of unit: UInt64) -> String {
        let (whole, rest) = number.quotientAndRemainder(dividingBy: unit)
        guard rest > 0 else { return "\(whole)" }
        var fraction = String(String(unit + rest).dropFirst())
        while fraction.last == "0" { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}
