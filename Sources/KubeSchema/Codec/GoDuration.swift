/// metav1.Duration: Go's text of a number of nanoseconds, such as `1h0m0s` and `1.5s`.
public struct GoDuration: CustomStringConvertible {
    public var nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Signed decimal numbers with a unit each: `-1.5h`, `300ms`, `1h30m`; `0` needs none. nil for anything else and for
    /// more than 64 bits.
    public init?(parsing text: String) {
        var bytes = text.utf8[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        if bytes.elementsEqual("0".utf8) {
            nanoseconds = 0
            return
        }
        guard !bytes.isEmpty else { return nil }
        var total: UInt64 = 0
        while !bytes.isEmpty {
            guard let part = Self.part(&bytes) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow, sum <= UInt64(Int64.max) + 1 else { return nil }
            total = sum
        }
        guard isNegative || total <= UInt64(Int64.max) else { return nil }
        nanoseconds = isNegative ? Int64(truncatingIfNeeded: 0 &- total) : Int64(total)
    }

    /// A number with its unit.
    private static func part(_ bytes: inout Substring.UTF8View) -> UInt64? {
        guard let whole = number(&bytes) else { return nil }
        var fraction = (value: UInt64(0), scale: 1.0, digits: 0)
        if bytes.first == UInt8(ascii: ".") {
            bytes = bytes.dropFirst()
            while let digit = bytes.first.map({ $0 &- 0x30 }), digit < 10 {
                if fraction.digits < 18 {
                    fraction.value = fraction.value * 10 + UInt64(digit)
                    fraction.scale *= 10
                }
                fraction.digits += 1
                bytes = bytes.dropFirst()
            }
        }
        guard whole.digits + fraction.digits > 0 else { return nil }
        let unit = bytes.prefix { $0 != UInt8(ascii: ".") && $0 &- 0x30 >= 10 }
        guard let factor = units[String(decoding: unit, as: UTF8.self)] else { return nil }
        bytes = bytes.dropFirst(unit.count)
        let (product, overflow) = whole.value.multipliedReportingOverflow(by: factor)
        let (sum, carry) = product.addingReportingOverflow(
            UInt64(Double(fraction.value) * (Double(factor) / fraction.scale)))
        return overflow || carry ? nil : sum
    }

    private static func number(_ bytes: inout Substring.UTF8View) -> (value: UInt64, digits: Int)? {
        var (value, digits) = (UInt64(0), 0)
        while let digit = bytes.first.map({ $0 &- 0x30 }), digit < 10 {
            guard value <= UInt64(Int64.max) / 10 else { return nil }
            value = value * 10 + UInt64(digit)
            digits += 1
            bytes = bytes.dropFirst()
        }
        return (value, digits)
    }

    private static let units: [String: UInt64] = [
        "ns": 1, "us": 1000, "\u{B5}s": 1000, "\u{3BC}s": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    public var description: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return "\(sign)\(Self.decimal(magnitude, per: 1000))µs"
        case ..<1_000_000_000: return "\(sign)\(Self.decimal(magnitude, per: 1_000_000))ms"
        default:
            let minutes = magnitude / 60_000_000_000
            let hours = minutes / 60
            let seconds = Self.decimal(magnitude % 60_000_000_000, per: 1_000_000_000) + "s"
            let head = hours > 0 ? "\(hours)h\(minutes % 60)m" : minutes > 0 ? "\(minutes)m" : ""
            return sign + head + seconds
        }
    }

    /// Without zeros at the end.
    private static func decimal(_ number: UInt64, per unit: UInt64) -> String {
        guard number % unit > 0 else { return String(number / unit) }
        var fraction = String(number % unit + unit).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(number / unit).\(fraction)"
    }
}
