import NIOCore

/// `grpc-timeout`: at most eight digits and a unit (grpc/grpc, doc/PROTOCOL-HTTP2.md).
enum CallTimeout {
    /// nil for what is malformed.
    static func parse(_ text: String) -> TimeAmount? {
        let digits = text.utf8.dropLast()
        guard let unit = text.utf8.last, (1...8).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        switch unit {
        case UInt8(ascii: "H"): return .hours(min(number, 1_000_000))
        case UInt8(ascii: "M"): return .minutes(number)
        case UInt8(ascii: "S"): return .seconds(number)
        case UInt8(ascii: "m"): return .milliseconds(number)
        case UInt8(ascii: "u"): return .microseconds(number)
        case UInt8(ascii: "n"): return .nanoseconds(number)
        default: return nil
        }
    }
}
