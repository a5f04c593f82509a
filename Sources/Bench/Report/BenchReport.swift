import KubeAPI

/// Everything that a run of `apus bench` measured.
public struct BenchReport: Sendable {
    public let machine: Machine
    /// What repeats it.
    public let command: String
    public internal(set) var values: [BenchValue] = []
    /// What could not be measured, a sentence each.
    public internal(set) var omissions: [String] = []
    public internal(set) var scenarios: [TrafficScenario]

    init(machine: Machine, command: String, scenarios: [TrafficScenario]) {
        self.machine = machine
        self.command = command
        self.scenarios = scenarios
    }

    /// What cannot be measured becomes a sentence; one for all numbers of Services where it is the same.
    mutating func add(_ what: String, _ measure: () throws -> [BenchValue]) {
        do {
            values += try measure()
        } catch {
            if !omissions.contains(where: { $0.hasSuffix(": \(error)") && $0.hasPrefix(what.prefix { $0 != "," }) }) {
                omissions.append("\(what): \(error)")
            }
        }
    }

    /// True when nothing could be measured.
    public var isEmpty: Bool { values.isEmpty }

    /// In the order in which they were measured.
    var contenders: [String] { values.map(\.contender).unique }
    /// What programming costs before what traffic gets.
    var metrics: [BenchMetric] {
        (values.filter { $0.services != nil } + values.filter { $0.services == nil }).map(\.metric).unique
    }
    /// Without those that know no number of Services.
    var sizes: [Int] { values.compactMap(\.services).unique.sorted() }

    /// Those without a number of Services stand beside every number.
    func value(_ metric: BenchMetric, _ contender: String, services: Int?) -> BenchValue? {
        values.first {
            $0.metric == metric && $0.contender == contender && ($0.services == services || $0.services == nil)
        }
    }

    static let aboutRatios =
        "Runs through the Service alternate with direct ones under the same rules; “of direct” is the median of the pairs' ratios."

    // MARK: Table

    /// A section for each number of Services: a row for each metric, a column for each mode.
    public var table: String {
        let sections = sizes.isEmpty ? [Int?.none] : sizes.map { $0 }
        let parts = sections.map { size in
            let title = size.map { "\(NumberText.grouped($0)) Services" } ?? "Traffic"
            return TextTable(rows: [[title, "unit"] + contenders] + rows(services: size)).text
        }
        let ratios = values.contains { $0.metric.isRatio } ? [Self.aboutRatios] : []
        let missing = omissions.map { "Not measured: \($0)" }.joined(separator: "\n")
        return ([machine.description] + parts + ratios + (missing.isEmpty ? [] : [missing])).joined(separator: "\n\n")
    }

    func rows(services: Int?) -> [[String]] {
        metrics.compactMap { metric in
            let cells = contenders.map { contender in
                value(metric, contender, services: services)?.text ?? ""
            }
            return cells.allSatisfy(\.isEmpty) ? nil : [metric.title, metric.unit] + cells
        }
    }

    // MARK: JSON

    public var json: String {
        JSONWriter.text(
            [
                "machine": [
                    "processor": .string(machine.processor), "cores": .integer(Int64(machine.cores)),
                    "memory": .string(machine.memory), "kernel": .string(machine.kernel),
                ],
                "date": .string(machine.date), "command": .string(command),
                "notMeasured": .array(omissions.map { .string($0) }), "values": .array(values.map(\.json)),
            ], .pretty) + "\n"
    }
}

extension BenchValue {
    fileprivate var json: JSONValue {
        [
            "contender": .string(contender), "services": services.map { .integer(Int64($0)) } ?? .null,
            "metric": .string(metric.title), "unit": .string(metric.unit), "better": .string(metric.better.rawValue),
            "value": .double(number), "percentile": .double(percentile), "smallest": .double(statistics.smallest),
            "median": .double(statistics.median), "largest": .double(statistics.largest),
            "count": .integer(Int64(statistics.count)),
        ]
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of first occurrence.
    var unique: [Element] {
        var seen = Set<Element>()
        return filter { seen.insert($0).inserted }
    }
}
