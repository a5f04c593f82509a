/// RFC 3339 times to and from nanoseconds since 1970-01-01T00:00:00Z, in the proleptic Gregorian calendar.
///
/// 64 bits of nanoseconds reach from 1677 to 2262.
public enum RFC3339 {
    public enum Precision: Sendable {
        /// `metav1.Time`
        case seconds
        /// `metav1.MicroTime`
        case microseconds
    }

    /// `2026-01-02T03:04:05.678901Z`; smaller fractions are cut off.
    public static func text(nanoseconds: Int64, _ precision: Precision = .microseconds) -> String {
        let (seconds, fraction) = floorDivided(nanoseconds, by: 1_000_000_000)
        return text(seconds: seconds, nanoseconds: fraction, precision)
    }

    /// Any number of seconds has a text; only years from 0 to 9999 have RFC 3339's.
    public static func text(seconds: Int64, nanoseconds: Int64 = 0, _ precision: Precision = .seconds) -> String {
        let (day, second) = floorDivided(seconds, by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        let fraction = precision == .seconds ? "" : "." + padded(nanoseconds / 1000 % 1_000_000, 6)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(clock)\(fraction)Z"
    }

    /// nil for anything but RFC 3339, and for times out of range. Digits after the ninth of a fraction are cut off.
    public static func nanoseconds(_ text: String) -> Int64? {
        guard let (seconds, fraction) = instant(text) else { return nil }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(fraction)
        return overflow || carry ? nil : sum
    }

    /// Fractions are cut off; years 0 to 9999. nil for anything but RFC 3339.
    public static func seconds(_ text: String) -> Int64? { instant(text)?.seconds }

    /// Years 0 to 9999; digits after the ninth of a fraction are cut off. nil for anything but RFC 3339.
    public static func instant(_ text: String) -> (seconds: Int64, nanoseconds: Int64)? {
        var reader = Reader(bytes: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2, in: 1...12), reader.skip("-"),
            let day = reader.number(2, in: 1...CivilDate.days(of: month, in: year)), reader.skip("T"),
            let hour = reader.number(2, in: 0...23), reader.skip(":"), let minute = reader.number(2, in: 0...59),
            reader.skip(":"), let second = reader.number(2, in: 0...59), let fraction = reader.fraction(),
            let offset = reader.offset(), reader.bytes.isEmpty
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
        return (seconds, fraction)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    fileprivate static func floorDivided(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// A date, and the number of its day. Years are counted from March, so that the leap day is a year's last.
private struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// 719468 is the day of 1970-01-01 counted from 0000-03-01; 146097 days make 400 years.
    init(daysSince1970 number: Int64) {
        let (era, day) = RFC3339.floorDivided(number + 719_468, by: 146_097)
        let yearOfEra = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    var daysSince1970: Int64 {
        let (era, yearOfEra) = RFC3339.floorDivided(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func days(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

private struct Reader {
    var bytes: ArraySlice<UInt8>

    /// Consumes exactly `count` digits.
    mutating func number(_ count: Int, in range: ClosedRange<Int64> = 0...9999) -> Int64? {
        let digits = bytes.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        bytes = bytes.dropFirst(count)
        let value = digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        return range.contains(value) ? value : nil
    }

    /// Letters may be in lower case.
    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        let byte = UInt8(ascii: mark)
        guard let next = bytes.first, next == byte || byte == UInt8(ascii: "T") && next == UInt8(ascii: "t") else {
            return false
        }
        bytes = bytes.dropFirst()
        return true
    }

    /// Nanoseconds; 0 when there is no fraction.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = bytes.prefix { $0 &- 0x30 < 10 }
        guard !digits.isEmpty else { return nil }
        bytes = bytes.dropFirst(digits.count)
        let value = digits.prefix(9).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        return (digits.count..<max(9, digits.count)).reduce(value) { value, _ in value * 10 }
    }

    /// `Z` or `±hh:mm`, in seconds.
    mutating func offset() -> Int64? {
        guard let first = bytes.popFirst() else { return nil }
        if first | 0x20 == UInt8(ascii: "z") { return 0 }
        guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-"), let hours = number(2, in: 0...23), skip(":"),
            let minutes = number(2, in: 0...59)
        else { return nil }
        return (hours * 3600 + minutes * 60) * (first == UInt8(ascii: "-") ? -1 : 1)
    }
}
