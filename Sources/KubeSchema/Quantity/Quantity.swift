/// A number with a suffix (k8s.io/apimachinery resource.Quantity), exact: a whole number times a power of ten.
///
/// Values are kept to a billionth; finer ones are rounded away from zero.
public struct Quantity: Sendable {
    /// The family of suffixes, which a text keeps.
    public enum Format: Sendable, Hashable {
        /// `n u m "" k M G T P E`
        case decimal
        /// `Ki Mi Gi Ti Pi Ei`
        case binary
        /// `e3`
        case exponent
    }

    /// Why a text is no quantity, in upstream's words.
    public enum Refusal: String, Error, Sendable, CustomStringConvertible {
        case format =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        case number = "unable to parse numeric part of quantity"
        case suffix = "unable to parse quantity's suffix"

        public var description: String { rawValue }
    }

    /// Times ten to the power of `scale`; never ends in a zero unless it is zero.
    let digits: Int128
    /// Not below -9.
    let scale: Int
    public let format: Format
    /// The text as the server writes it.
    public let text: String

    /// Strips zeros from the end of `digits`; `text` is made when nil.
    init(digits: Int128, scale: Int, format: Format, text: String? = nil) {
        var (digits, scale) = (digits, digits == 0 ? 0 : scale)
        while digits != 0 {
            let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { break }
            (digits, scale) = (quotient, scale + 1)
        }
        self.digits = digits
        self.scale = scale
        self.format = format
        self.text = text ?? QuantityText.canonical(digits, scale, format)
    }

    public init(_ value: Int64, _ format: Format = .decimal) {
        self.init(digits: Int128(value), scale: 0, format: format)
    }

    public init(milli value: Int64, _ format: Format = .decimal) {
        self.init(digits: Int128(value), scale: -3, format: format)
    }

    public static let zero = Quantity(0)

    // MARK: - Value

    public var isZero: Bool { digits == 0 }
    public var isNegative: Bool { digits < 0 }
    /// -1, 0 or 1.
    public var sign: Int { Int(digits.signum()) }

    /// Whole units, rounded away from zero; the nearest bound when 64 bits do not hold it.
    public var value: Int64 { rounded(toScale: 0) }

    /// Thousandths, rounded away from zero; the nearest bound when 64 bits do not hold it.
    public var milliValue: Int64 { rounded(toScale: -3) }

    private func rounded(toScale target: Int) -> Int64 {
        if scale >= target {
            let (value, overflow) = Self.shifted(digits, by: scale - target)
            return overflow ? (digits < 0 ? .min : .max) : Int64(clamping: value)
        }
        let (divisor, _) = Self.shifted(1, by: target - scale)
        let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: divisor)
        return Int64(clamping: remainder == 0 ? quotient : quotient + Int128(digits.signum()))
    }

    /// Times ten to the power of `count`.
    static func shifted(_ digits: Int128, by count: Int) -> (value: Int128, overflow: Bool) {
        guard digits != 0 else { return (0, false) }
        guard count <= 38 else { return (0, true) }
        var value = digits
        for _ in 0..<max(0, count) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return (0, true) }
            value = product
        }
        return (value, false)
    }

    // MARK: - Arithmetic

    /// Exact; the nearest number of 38 digits when the sum needs more. Zero takes the other's format.
    public static func + (a: Quantity, b: Quantity) -> Quantity {
        if a.isZero { return b }
        if b.isZero { return a }
        let (large, small) = a.scale >= b.scale ? (a, b) : (b, a)
        let (aligned, overflow) = shifted(large.digits, by: large.scale - small.scale)
        guard !overflow else { return Quantity(digits: large.digits, scale: large.scale, format: a.format) }
        let (sum, carry) = aligned.addingReportingOverflow(small.digits)
        return Quantity(digits: carry ? (aligned < 0 ? .min : .max) : sum, scale: small.scale, format: a.format)
    }

    public static func - (a: Quantity, b: Quantity) -> Quantity { a + -b }

    public static prefix func - (a: Quantity) -> Quantity {
        Quantity(digits: a.digits == .min ? .max : -a.digits, scale: a.scale, format: a.format)
    }
}

/// By value: `1` equals `1000m`.
extension Quantity: Comparable, Hashable {
    public static func == (a: Quantity, b: Quantity) -> Bool { a.digits == b.digits && a.scale == b.scale }

    public static func < (a: Quantity, b: Quantity) -> Bool {
        guard a.sign == b.sign else { return a.sign < b.sign }
        guard a.scale != b.scale else { return a.digits < b.digits }
        let isLarger = a.scale > b.scale
        let (large, small) = isLarger ? (a, b) : (b, a)
        let (aligned, overflow) = shifted(large.digits, by: large.scale - small.scale)
        // What does not fit is farther from zero than what does.
        let isLess = overflow ? large.isNegative : aligned < small.digits
        return isLarger ? isLess : !isLess && (overflow || aligned != small.digits)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(digits)
        hasher.combine(scale)
    }
}

extension Quantity: CustomStringConvertible {
    public var description: String { text }
}
