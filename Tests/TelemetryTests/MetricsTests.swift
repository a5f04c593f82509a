import Testing

@testable import Telemetry

@Suite struct MetricsTests {
    private func text(_ registry: MetricsRegistry) -> String { String(decoding: registry.exposition(), as: UTF8.self) }

    @Test func writesEveryKindExactly() {
        let registry = MetricsRegistry(countsItself: false)
        registry.counters("requests_total", "Requests.", .alpha, labels: ["code", "host"])["200", "a"].increment(by: 3)
        registry.gauge("pending", "Waiting.").set(-1.5)
        let histogram = registry.histogram("wait_seconds", "Wait.", .stable, buckets: [0.001, 1, 2.5])
        for value in [0.001, 0.5, 2.5, 9] { histogram.observe(value) }
        #expect(
            text(registry) == """
                # HELP pending Waiting.
                # TYPE pending gauge
                pending -1.5
                # HELP requests_total [ALPHA] Requests.
                # TYPE requests_total counter
                requests_total{code="200",host="a"} 3
                # HELP wait_seconds [STABLE] Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.001"} 1
                wait_seconds_bucket{le="1"} 2
                wait_seconds_bucket{le="2.5"} 3
                wait_seconds_bucket{le="+Inf"} 4
                wait_seconds_sum 12.001
                wait_seconds_count 4

                """)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"), ("\\n", "\\\\n"),
        ("ü{}=,", "ü{}=,"),
    ])
    func escapesLabelValues(value: String, written: String) throws {
        let registry = MetricsRegistry(countsItself: false)
        registry.gauges("g", "Help.", labels: ["l"])[value].set(1)
        #expect(text(registry).contains("g{l=\"\(written)\"} 1\n"))
        #expect(try ExpositionParser(registry.exposition()).value("g", ["l": value]) == 1)
    }

    @Test func measuredFamiliesAreReadTogether() throws {
        let registry = MetricsRegistry(countsItself: false)
        registry.measuredFamilies("my_") {
            [
                MeasuredFamily("my_open", "Help.", .gauge, [.init([("a", "x")], .number(3))]),
                MeasuredFamily("my_rest", "Help.", .counter, []),
                MeasuredFamily(
                    "my_time", "Help.", .histogram,
                    [.init([("a", "x")], .histogram(bounds: [1, 2], counts: [4, 0, 1], sum: 9.5))]),
            ]
        }
        #expect(
            text(registry) == """
                # HELP my_open Help.
                # TYPE my_open gauge
                my_open{a="x"} 3
                # HELP my_time Help.
                # TYPE my_time histogram
                my_time_bucket{a="x",le="1"} 4
                my_time_bucket{a="x",le="2"} 4
                my_time_bucket{a="x",le="+Inf"} 5
                my_time_sum{a="x"} 9.5
                my_time_count{a="x"} 5

                """)
    }

    @Test func escapesHelp() {
        let registry = MetricsRegistry(countsItself: false)
        registry.gauge("g", "a\\b\n\"c\"").set(0)
        #expect(text(registry).hasPrefix("# HELP g a\\\\b\\n\"c\"\n"))
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1"), (-1, "-1"), (0.1, "0.1"), (1e6, "1000000"), (1e300, "1e+300"), (1e-7, "1e-07"),
        (1_700_000_000.25, "1700000000.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func writesNumbers(value: Double, written: String) {
        #expect(Exposition.number(value) == written)
    }

    @Test func leavesOutFamiliesWithoutMembers() {
        let registry = MetricsRegistry(countsItself: false)
        let family = registry.counters("c_total", "Help.", labels: ["a"])
        #expect(text(registry).isEmpty)
        family["x"].increment()
        family.remove("x")
        #expect(text(registry).isEmpty)
    }

    @Test func countsRegistrationsByStability() throws {
        let registry = MetricsRegistry()
        registry.gauge("a", "Help.", .alpha).set(1)
        _ = registry.gauge("b", "Help.", .alpha)
        _ = registry.gauge("c", "Help.")
        let parsed = try ExpositionParser(registry.exposition())
        let name = "registered_metrics_total"
        #expect(parsed.value(name, ["stability_level": "ALPHA", "deprecated_version": ""]) == 2)
        #expect(parsed.value(name, ["stability_level": "BETA", "deprecated_version": ""]) == 1)
        #expect(parsed.types[name] == "counter")
    }

    @Test func measuresTheProcess() throws {
        let registry = MetricsRegistry(countsItself: false)
        registry.registerProcessMetrics()
        let parsed = try ExpositionParser(registry.exposition())
        #expect(try #require(parsed.value("process_resident_memory_bytes")) > 1_000_000)
        #expect(try #require(parsed.value("process_start_time_seconds")) > 1_600_000_000)
        #expect(try #require(parsed.value("process_cpu_seconds_total")) >= 0)
        #expect(try #require(parsed.value("process_open_fds")) >= 3)
        #expect(try #require(parsed.value("process_max_fds")) > 3)
        #expect(parsed.types["process_cpu_seconds_total"] == "counter")
    }

    @Test(arguments: ["", "1", "1 (a b", "1 (x) S 1"])
    func refusesBrokenStatus(text: String) {
        #expect(ProcessStatus(stat: text) == nil)
    }

    @Test func readsStatusOfAProgramWithAnUglyName() throws {
        let numbers = (4...24).map { "\($0)" }.joined(separator: " ")
        let status = try #require(ProcessStatus(stat: "1 (a) b) S \(numbers)\n"))
        #expect(status.startTicks == 22)
        #expect(status.virtualBytes == 23)
    }

    /// promtool's rules: buckets accumulate, the infinite one equals the count, counters end in _total.
    @Test func isCoherentWhileThreadsObserve() async throws {
        let registry = MetricsRegistry(countsItself: false)
        let family = registry.histograms("h", "Help.", labels: ["f"], buckets: [1, 2, 4, 8])
        let counter = registry.counter("c_total", "Help.")
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for value in 0..<2000 {
                        family["\(task % 2)"].observe(Double(value % 10))
                        counter.increment()
                    }
                }
            }
            for _ in 0..<20 {
                group.addTask { #expect(throws: Never.self) { try Self.checkHistograms(registry.exposition()) } }
            }
        }
        #expect(counter.value == 16000)
        #expect(family["0"].count + family["1"].count == 16000)
    }

    private static func checkHistograms(_ bytes: [UInt8]) throws {
        let parsed = try ExpositionParser(bytes)
        for series in ["0", "1"] {
            let buckets = parsed.samples.filter { $0.name == "h_bucket" && $0.labels["f"] == series }.map(\.value)
            #expect(buckets == buckets.sorted())
            #expect(buckets.last == parsed.value("h_count", ["f": series]))
        }
    }
}
