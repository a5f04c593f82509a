import KubeAPI

/// metav1.Time and metav1.MicroTime: what Go's `time.Parse` takes, and what it says of the rest.
enum GoTime {
    /// As the server writes it, in UTC; nil for the zero time, which JSON has no text for.
    static func canonical(_ text: String, _ precision: RFC3339.Precision) throws(DecodingRefusal) -> String? {
        if text.isEmpty { return nil }
        guard let instant = RFC3339.instant(text), precision == .seconds || fractionDigits(text) == 6 else {
            throw refusal(text, precision)
        }
        if instant.seconds == zeroSeconds, instant.nanoseconds == 0 { return nil }
        let length = precision == .seconds ? 20 : 27
        if text.utf8.count == length, text.utf8.last == UInt8(ascii: "Z") { return text }
        return RFC3339.text(seconds: instant.seconds, nanoseconds: instant.nanoseconds, precision)
    }

    /// 0001-01-01T00:00:00Z
    static let zeroSeconds: Int64 = -62_135_596_800

    private static func fractionDigits(_ text: String) -> Int {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
        return text.utf8[text.utf8.index(after: dot)...].prefix { $0 &- 0x30 < 10 }.count
    }

    /// `parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`
    private static func refusal(_ text: String, _ precision: RFC3339.Precision) -> DecodingRefusal {
        let fraction = precision == .seconds ? "" : ".000000"
        let parts = ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", fraction, "Z07:00"]
        let ranges = [
            "01": ("month", 1...12), "02": ("day", 1...31), "15": ("hour", 0...23), "04": ("minute", 0...59),
            "05": ("second", 0...59),
        ]
        let quoted = JSONWriter.text(.string(text))
        var rest = Substring(text)
        for part in parts where !part.isEmpty {
            guard let length = matched(part, rest) else {
                return DecodingRefusal(
                    "parsing time \(quoted) as \"2006-01-02T15:04:05\(fraction)Z07:00\": cannot parse \(JSONWriter.text(.string(String(rest)))) as \"\(part)\""
                )
            }
            if let (name, range) = ranges[part], let number = Int(rest.prefix(length)), !range.contains(number) {
                return DecodingRefusal("parsing time \(quoted): \(name) out of range")
            }
            rest = rest.dropFirst(length)
            if part == "05", fraction.isEmpty, rest.first == "." {
                rest = rest.dropFirst().drop { $0.isASCII && $0.isNumber }
            }
        }
        return DecodingRefusal(
            "parsing time \(quoted): "
                + (rest.isEmpty ? "day out of range" : "extra text: \(JSONWriter.text(.string(String(rest))))"))
    }

    /// How many characters of the front are what the part of the layout stands for; nil when they are not.
    private static func matched(_ part: String, _ text: Substring) -> Int? {
        func digits(_ count: Int, _ text: Substring) -> Bool {
            text.prefix(count).count == count && text.prefix(count).allSatisfy { $0.isASCII && $0.isNumber }
        }
        switch part {
        case "Z07:00":
            if text.first == "Z" { return 1 }
            let isOffset =
                (text.first == "+" || text.first == "-") && digits(2, text.dropFirst())
                && text.dropFirst(3).first == ":" && digits(2, text.dropFirst(4))
            return isOffset ? 6 : nil
        case ".000000": return text.first == "." && digits(6, text.dropFirst()) ? 7 : nil
        case "-", "T", ":": return text.hasPrefix(part) ? 1 : nil
        default: return digits(part.count, text) ? part.count : nil
        }
    }
}
