import Testing

@testable import NodeProxy

@Suite struct ConfigDurationTests {
    @Test(arguments: [
        ("0", Int64(0), "0s"), ("0s", 0, "0s"), ("-0", 0, "0s"), ("30s", 30_000_000_000, "30s"),
        ("1h2m3.5s", 3_723_500_000_000, "1h2m3.5s"), ("15m", 900_000_000_000, "15m0s"),
        ("24h", 86_400_000_000_000, "24h0m0s"), ("1.5h", 5_400_000_000_000, "1h30m0s"), (".5s", 500_000_000, "500ms"),
        ("1.s", 1_000_000_000, "1s"), ("+1ms", 1_000_000, "1ms"), ("-1m30s", -90_000_000_000, "-1m30s"),
        ("1500us", 1_500_000, "1.5ms"), ("1\u{b5}s", 1000, "1\u{b5}s"), ("2\u{3bc}s", 2000, "2\u{b5}s"),
        ("7ns", 7, "7ns"),
        ("1h1ns", 3_600_000_000_001, "1h0m0.000000001s"), ("0.000000001s", 1, "1ns"),
        ("0.1234567890123456789h", 444_444_440_444, "7m24.444440444s"), ("1m1m", 120_000_000_000, "2m0s"),
    ])
    func readsAndWrites(text: String, nanoseconds: Int64, canonical: String) throws {
        let duration = try #require(GoDuration(text))
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.description == canonical)
        #expect(GoDuration(canonical) == duration)
    }

    @Test(arguments: [
        "", "-", "+", "1", "s", ".s", "1d", "1 s", "s1", "--1s", "1h-2m", "\u{661}s", "99999999999h",
        "9223372036854775808ns",
        "1S", "1.2.3s", "1s ",
    ])
    func refuses(text: String) {
        #expect(GoDuration(text) == nil)
    }

    @Test func readsBackWhatItWrites() {
        var generator = Xorshift(state: 42)
        for _ in 0..<2000 {
            let duration = GoDuration(nanoseconds: Int64(generator.next() >> (generator.next() % 63 + 1)))
            #expect(GoDuration(duration.description) == duration)
        }
    }
}

/// Repeatable random numbers.
struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
