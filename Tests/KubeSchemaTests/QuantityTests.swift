import KubeSchema
import Testing

struct QuantityTests {
    @Test(arguments: [
        ("0", "0"), ("m", "0"), ("0Mi", "0"), ("00", "0"), ("+", "0"), (".", "0"), ("-0", "0"), ("0.0", "0"),
        ("1", "1"), ("1.5", "1500m"), ("0.5", "500m"), ("-0.5", "-500m"), (".001", "1m"), ("1.", "1."),
        ("100m", "100m"), ("1000m", "1"), ("1000", "1k"), ("1500", "1500"), ("1000k", "1M"), ("1e3", "1e3"),
        ("1E3", "1E3"), ("10e2", "1e3"), ("1E", "1E"), ("1000E", "1e21"),
        ("12345678901234567890", "12345678901234567890"),
        ("18446744073709551616", "18446744073709551616"), ("1.2345", "1234500u"), ("0.9n", "1n"),
        ("0.0000000001", "1n"),
        ("1.1n", "2n"), ("-1.1n", "-2n"),
        ("1Ki", "1Ki"), ("1024", "1024"), ("1024Mi", "1Gi"), ("1000Mi", "1000Mi"), ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1023Ki", "1023Ki"), (".001Ki", "1024m"), (".000000000001Ki", "2n"), ("8Ei", "9223372036854775807"),
        ("16Ei", "9223372036854775807"), ("-16Ei", "-9223372036854775807"), ("1.1Ki", "1126400m"),
        ("1.500", "1.500"), ("+5", "+5"), ("5000000000n", "5"), ("1e-9", "1e-9"), ("1e-12", "1e-9"), ("2.5e1", "2.5e1"),
        ("1e100", "10e99"), ("64Gi", "64Gi"), ("65536Mi", "64Gi"),
    ])
    func writesCanonicalText(_ text: String, _ expected: String) throws {
        let quantity = try Quantity(parsing: text)
        #expect(quantity.text == expected)
        #expect(try Quantity(parsing: quantity.text) == quantity)
    }

    @Test(arguments: [
        ("", Quantity.Refusal.format), ("1x", .format), ("1Ki1", .suffix), ("1KiB", .format), ("1.2.3", .format),
        ("x", .format),
        ("1e", .suffix), ("1ee3", .suffix), (" 1", .format), ("1e99999999999", .suffix), ("--1", .suffix),
        ("1" + String(repeating: "0", count: 60), .number),
    ])
    func refuses(_ text: String, _ expected: Quantity.Refusal) {
        #expect(throws: expected) { try Quantity(parsing: text) }
    }

    @Test func compares() throws {
        let ascending = [
            "-1e50", "-8Ei", "-1", "-1n", "0", "1n", "999m", "1", "1.001", "1Ki", "1025", "8Ei", "10E", "1e50",
        ]
        let quantities = try ascending.map { try Quantity(parsing: $0) }
        for (i, a) in quantities.enumerated() {
            for (j, b) in quantities.enumerated() {
                #expect((a < b) == (i < j), "\(a) < \(b)")
                #expect((a == b) == (i == j))
            }
        }
        #expect(try Quantity(parsing: "1") == Quantity(parsing: "1000m"))
        #expect(try Quantity(parsing: "1Ki").hashValue == Quantity(parsing: "1.024k").hashValue)
    }

    @Test func addsExactly() throws {
        #expect(try (Quantity(parsing: "1Gi") + Quantity(parsing: "512Mi")).text == "1536Mi")
        #expect(try (Quantity(parsing: "100m") + Quantity(parsing: "900m")).text == "1")
        #expect(try (Quantity.zero + Quantity(parsing: "1Mi")).text == "1Mi")
        #expect(try (Quantity(parsing: "1") - Quantity(parsing: "1n")).text == "999999999n")
        #expect(try (Quantity(parsing: "8Ei") + Quantity(parsing: "8Ei") > Quantity(parsing: "10E")))
        #expect(try (Quantity(parsing: "1e300") + Quantity(parsing: "1")) == Quantity(parsing: "1e300"))
    }

    @Test func roundsToWholeUnits() throws {
        #expect(try Quantity(parsing: "1001m").value == 2)
        #expect(try Quantity(parsing: "-1001m").value == -2)
        #expect(try Quantity(parsing: "1.5").milliValue == 1500)
        #expect(try Quantity(parsing: "1e40").value == .max)
        #expect(try Quantity(parsing: "1Gi").value == 1 << 30)
    }
}
