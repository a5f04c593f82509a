import Testing

@testable import KubeAPI

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000Z"),
            ("2026-01-02T03:04:05.678901234Z", 1_767_323_045_678_901_234, "2026-01-02T03:04:05.678901Z"),
            ("2026-01-02T03:04:05.678901234999z", 1_767_323_045_678_901_234, "2026-01-02T03:04:05.678901Z"),
            ("2024-02-29t23:59:59.5+01:30", 1_709_245_799_500_000_000, "2024-02-29T22:29:59.500000Z"),
            ("2000-03-01T00:00:00-00:00", 951_868_800_000_000_000, "2000-03-01T00:00:00.000000Z"),
            ("1969-12-31T23:59:59.999999Z", -1000, "1969-12-31T23:59:59.999999Z"),
            ("1900-01-01T00:00:00Z", -2_208_988_800_000_000_000, "1900-01-01T00:00:00.000000Z"),
            ("2262-04-11T23:47:16.854775807Z", .max, "2262-04-11T23:47:16.854775Z"),
        ] as [(String, Int64, String)])
    func reads(_ text: String, _ nanoseconds: Int64, _ written: String) {
        #expect(RFC3339.nanoseconds(text) == nanoseconds)
        #expect(RFC3339.text(nanoseconds: nanoseconds) == written)
    }

    @Test(arguments: [
        "", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z", "2026-02-29T00:00:00Z",
        "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05Zx", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05+0100", "2026-01-02T03:04:05+24:00",
        "2262-04-11T23:47:16.854775808Z", "9999-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-0éT03:04:05Z",
    ])
    func refuses(_ text: String) {
        #expect(RFC3339.nanoseconds(text) == nil)
    }

    /// Every day from 1700 on comes back as the day it was.
    @Test func datesSurviveARoundTrip() {
        for day in stride(from: Int64(-98_000), through: 100_000, by: 1) {
            let nanoseconds = day * 86_400_000_000_000 + 1000
            #expect(RFC3339.nanoseconds(RFC3339.text(nanoseconds: nanoseconds)) == nanoseconds)
        }
    }

    @Test func seconds() {
        #expect(RFC3339.text(nanoseconds: 1_999_999_999, .seconds) == "1970-01-01T00:00:01Z")
        #expect(RFC3339.seconds("9999-12-31T23:59:59.5Z") == 253_402_300_799)
        #expect(RFC3339.seconds("9999-12-31") == nil)
    }
}

@Suite struct EventTests {
    private static let event = Event(
        key: NamespacedName(namespace: "shop", name: "web.17f"),
        regarding: Event.Reference(
            Service(metadata: ObjectMeta(name: "web", namespace: "shop", uid: "u-1"))),
        severity: .warning, reason: "UnknownBalance", action: "Program", note: "no \"such\" balance",
        reportingController: "kube-proxy", reportingInstance: "n1", firstSeen: 1_000_000_000)

    @Test func writesTheAPIsForm() {
        let text =
            #"{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"web.17f","namespace":"shop"},"#
            + #""eventTime":"1970-01-01T00:00:01.000000Z","type":"Warning","reason":"UnknownBalance","#
            + #""action":"Program","reportingInstance":"n1","#
            + #""regarding":{"apiVersion":"v1","kind":"Service","namespace":"shop","name":"web","uid":"u-1"},"#
            + #""note":"no \"such\" balance","reportingController":"kube-proxy"}"#
        #expect(JSONWriter.text(Self.event.json) == text)
        #expect(Self.event.path == "/apis/events.k8s.io/v1/namespaces/shop/events")
    }

    @Test func severalAreASeries() {
        var event = Self.event
        event.count = 3
        event.lastSeen = 5_000_000_000
        #expect(event.json["series"] == ["count": 3, "lastObservedTime": "1970-01-01T00:00:05.000000Z"])
    }

    @Test func longNotesAreCutBetweenCharacters() {
        var event = Self.event
        event.note = String(repeating: "é", count: 513)
        #expect(event.json["note"]?.string == String(repeating: "é", count: 512))
        event.note = "a" + String(repeating: "é", count: 512)
        #expect(event.json["note"]?.string == "a" + String(repeating: "é", count: 511))
    }
}
