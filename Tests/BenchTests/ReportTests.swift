import KubeAPI
import Testing

@testable import Bench

@Suite struct ReportTests {
    private static let scenario = TrafficScenario(name: "requests <&>", clients: [.init(.keepAlive)])

    private static var report: BenchReport {
        var report = BenchReport(machine: Machine(), command: "apus bench", scenarios: [scenario])
        for (mode, services, factor) in [("direct", nil, 1.0), ("nftables", 10, 0.9), ("nftables", 1000, 0.8)] {
            var samples = Samples()
            samples.add(
                SeriesName.traffic(.rate, scenario: 0, client: 0), [900 * factor, 1000 * factor, 1100 * factor])
            if services != nil { samples.add(SeriesName.firstSync, 0.012) }
            report.values += BenchValue.values(of: mode, services: services, samples, [scenario])
        }
        report.omissions = ["ipvs: the kernel has no ip_vs"]
        return report
    }

    @Test func theTableHasASectionForEachSizeAndAColumnForEachMode() {
        let table = Self.report.table
        #expect(table.contains("10 Services"))
        #expect(table.contains("1,000 Services"))
        let rows = table.split(separator: "\n").filter { $0.contains("requests <&>: answers") }
        let spreads = ["1,000 (900–1,100) 900 (810–990)", "1,000 (900–1,100) 800 (720–880)"]
        #expect(rows.map { $0.split(separator: " ").suffix(4).joined(separator: " ") } == spreads)
        let single = table.split(separator: "\n").first { $0.contains("first synchronisation") }
        #expect(single?.hasSuffix(" 0.012") == true)
        #expect(table.contains("Not measured: ipvs: the kernel has no ip_vs"))
        #expect(!table.contains("of direct"))
    }

    @Test func theTableSaysWhatItsRatiosAre() {
        var report = Self.report
        var samples = Samples()
        samples.add(SeriesName.traffic(.ratio, scenario: 0, client: 0), [0.9, 1])
        report.values += BenchValue.values(of: "nftables", services: 10, samples, [Self.scenario])
        #expect(report.table.contains("“of direct” is the median of the pairs' ratios"))
    }

    @Test func theJSONHasEveryValueWithItsSpread() throws {
        let json = try JSONParser.parse(Array(Self.report.json.utf8))
        let values = try #require(json["values"]?.array)
        #expect(values.count == 5)
        let first = try #require(values.first)
        #expect(first["contender"] == "direct")
        #expect(first["services"] == .null)
        #expect(first["smallest"] == .double(900) || first["smallest"] == 900)
        #expect(json["notMeasured"]?.array == ["ipvs: the kernel has no ip_vs"])
    }

    @Test func thePageNeedsNothingElseAndEscapesNames() {
        let html = Self.report.html
        #expect(html.contains("requests &lt;&amp;&gt;: answers"))
        #expect(!html.contains("requests <&>"))
        for word in ["src=", "href=", "http:", "https:", "@import"] { #expect(!html.contains(word), "\(word)") }
        #expect(html.components(ofTag: "rect") >= 4)
        #expect(html.contains("<td>900 (810–990)</td>"))
        #expect(html.contains("Not measured: ipvs: the kernel has no ip_vs"))
    }

    @Test func unevennessIsTheLargestDeviationFromTheWeights() {
        #expect(Unevenness.percent(["pod-1": 50, "pod-2": 50], weights: [1, 1]) == 0)
        #expect(Unevenness.percent(["pod-1": 50, "pod-2": 50], weights: [1, 3]) == 100)
        #expect(Unevenness.percent(["pod-1": 100], weights: [1, 1]) == 100)
        #expect(Unevenness.percent([:], weights: [1]) == 0)
    }
}

extension String {
    fileprivate func components(ofTag tag: String) -> Int { self.ranges(of: "<\(tag) ").count }
}
