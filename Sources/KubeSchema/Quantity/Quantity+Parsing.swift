extension Quantity {
    /// Reads as upstream does, oddities included: `.` and `+` are zero, and a text that needs no other suffix stays as it
    /// is (`1.500`, `+5`, `1E3`). Numbers of more than 38 digits are refused.
    public init(parsing text: String) throws(Refusal) {
        guard !text.isEmpty else { throw .format }
        let parts = try QuantityParts(text)
        guard let suffix = QuantityText.Suffix(parts.suffix) else { throw .suffix }
        let isPlain = parts.whole.count + parts.fraction.count <= 18
        guard let digits = QuantityParts.number(parts.whole, parts.fraction) else { throw .number }
        let signed = parts.isNegative ? -digits : digits
        switch suffix.format {
        case .decimal, .exponent:
            let scale = suffix.exponent - parts.fraction.count
            let keepsText =
                isPlain && scale >= -9 && scale % 3 == 0 && parts.whole.first != UInt8(ascii: "0")
                && !parts.endsInThousands
            let (rounded, at) = Self.rounded(signed, scale: scale)
            self.init(digits: rounded, scale: at, format: suffix.format, text: keepsText ? text : nil)
        case .binary:
            let precision = 15 - parts.whole.count - suffix.exponent * 3 / 10 - 1
            let keepsText = parts.fraction.isEmpty && precision >= 0 && digits & 7 != 0
            self = Self.binary(signed, fractionDigits: parts.fraction.count, exponent: suffix.exponent)
            if keepsText { self = Quantity(digits: self.digits, scale: self.scale, format: .binary, text: text) }
        }
    }

    /// To a billionth, away from zero.
    private static func rounded(_ digits: Int128, scale: Int) -> (Int128, Int) {
        guard scale < -9 else { return (digits, scale) }
        guard digits != 0 else { return (0, 0) }
        let (divisor, overflow) = shifted(1, by: -9 - scale)
        guard !overflow else { return (Int128(digits.signum()), -9) }
        let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: divisor)
        return (remainder == 0 ? quotient : quotient + Int128(digits.signum()), -9)
    }

    /// `digits` / 10^`fractionDigits` · 2^`exponent`, at most 2^63-1.
    private static func binary(_ digits: Int128, fractionDigits: Int, exponent: Int) -> Quantity {
        let limit = Int128(Int64.max) * 1_000_000_000
        let nano = nanoUnits(digits.magnitude, fractionDigits: fractionDigits, exponent: exponent)
        let magnitude = nano.map { min($0, limit.magnitude) } ?? limit.magnitude
        let isSmall = magnitude < 1_000_000_000 && magnitude > 0
        return Quantity(
            digits: digits < 0 ? -Int128(magnitude) : Int128(magnitude), scale: -9, format: isSmall ? .decimal : .binary
        )
    }

    /// Rounded up; nil when it is beyond 128 bits.
    private static func nanoUnits(_ digits: UInt128, fractionDigits: Int, exponent: Int) -> UInt128? {
        var (high, low) = digits.multipliedFullWidth(by: UInt128(1) << UInt128(exponent))
        if fractionDigits <= 9 {
            guard high == 0 else { return nil }
            for _ in fractionDigits..<9 {
                let (product, overflow) = low.multipliedReportingOverflow(by: 10)
                if overflow { return nil }
                low = product
            }
            return low
        }
        let (divisor, overflow) = shifted(1, by: fractionDigits - 9)
        guard !overflow, high < divisor.magnitude else { return overflow && digits != 0 ? 1 : overflow ? 0 : nil }
        let (quotient, remainder) = divisor.magnitude.dividingFullWidth((high, low))
        high = remainder == 0 ? 0 : 1
        return quotient.addingReportingOverflow(high).partialValue
    }
}

/// A quantity's text in pieces.
private struct QuantityParts {
    var isNegative = false
    /// Without zeros at the front, but never empty.
    var whole: ArraySlice<UInt8> = []
    var fraction: ArraySlice<UInt8> = []
    var suffix = ""

    init(_ text: String) throws(Quantity.Refusal) {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
            isNegative = rest.removeFirst() == UInt8(ascii: "-")
        }
        rest = rest.drop { $0 == UInt8(ascii: "0") }
        whole = Self.takeDigits(&rest)
        if whole.isEmpty { whole = [UInt8(ascii: "0")] }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(&rest)
        }
        suffix = String(decoding: rest, as: UTF8.self)
        rest = rest.drop { Self.letters.contains($0) }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard rest.allSatisfy({ $0 &- 0x30 < 10 }) else { throw .format }
    }

    private static let letters = Array("eEinumkKMGTP".utf8)

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { $0 &- 0x30 < 10 }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    /// The digits one after the other end in three zeros.
    var endsInThousands: Bool {
        let last = (whole.suffix(3) + fraction.suffix(3)).suffix(3)
        return last.count == 3 && last.allSatisfy { $0 == UInt8(ascii: "0") }
    }

    /// nil when 128 bits do not hold it.
    static func number(_ whole: ArraySlice<UInt8>, _ fraction: ArraySlice<UInt8>) -> Int128? {
        var value: Int128 = 0
        for digits in [whole, fraction] {
            for digit in digits {
                let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tens.addingReportingOverflow(Int128(digit &- 0x30))
                guard !overflow, !carry else { return nil }
                value = sum
            }
        }
        return value
    }
}

/// Suffixes, and the text that upstream calls canonical: no fraction, and the largest suffix that loses nothing.
enum QuantityText {
    struct Suffix {
        var format: Quantity.Format
        /// Of ten, or of two when `format` is binary.
        var exponent: Int

        init?(_ text: String) {
            if let index = decimal.firstIndex(of: text) {
                (format, exponent) = (.decimal, 3 * index - 9)
            } else if let index = QuantityText.binary.firstIndex(of: text) {
                (format, exponent) = (.binary, 10 * (index + 1))
            } else if text.utf8.count > 1, text.first == "e" || text.first == "E",
                let number = Int32(text.dropFirst())
            {
                (format, exponent) = (.exponent, Int(number))
            } else {
                return nil
            }
        }
    }

    /// From 10^-9 up, each a thousand times the one before.
    private static let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    private static let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

    /// `digits` has no zeros at its end.
    static func canonical(_ digits: Int128, _ scale: Int, _ format: Quantity.Format) -> String {
        guard digits != 0 else { return "0" }
        if format == .binary, scale >= 0, let text = binaryText(digits, scale) { return text }
        let remainder = ((scale % 3) + 3) % 3
        let (shifted, overflow) = Quantity.shifted(digits, by: remainder)
        // At the edge of 128 bits the zeros are written instead.
        let number = overflow ? digits.description + String(repeating: "0", count: remainder) : shifted.description
        let exponent = scale - remainder
        let index = exponent / 3 + 3
        if format != .exponent, decimal.indices.contains(index) { return number + decimal[index] }
        return exponent == 0 ? number : "\(number)e\(exponent)"
    }

    /// nil for numbers below 1024, which have decimal text.
    private static func binaryText(_ digits: Int128, _ scale: Int) -> String? {
        let (whole, overflow) = Quantity.shifted(digits, by: scale)
        guard !overflow, whole.magnitude >= 1024 else { return nil }
        var (value, power) = (whole, 0)
        while value % 1024 == 0, power < binary.count { (value, power) = (value / 1024, power + 1) }
        return value.description + (power == 0 ? "" : binary[power - 1])
    }
}
