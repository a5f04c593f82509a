import NetTypes
import Processes

/// Measures what a plan asks for, cell by cell.
public struct BenchRunner {
    /// A load balancer that others run.
    public struct Target: Sendable, Hashable {
        public let name: String
        public let address: AddressPort
        public let path: String

        public init(name: String, address: AddressPort, path: String) {
            self.name = name
            self.address = address
            self.path = path
        }
    }

    public struct Plan: Sendable {
        public var modes: [BenchMode]
        public var scenarios: [TrafficScenario]
        /// Of every Service without traffic.
        public var endpoints: Int
        public var targets: [Target]

        public init(modes: [BenchMode], scenarios: [TrafficScenario], endpoints: Int, targets: [Target]) {
            self.modes = modes
            self.scenarios = scenarios
            self.endpoints = endpoints
            self.targets = targets
        }

        /// Every mode for every number of Services that a scenario wants; `direct` once.
        public var cells: [BenchCell] {
            let sizes = scenarios.flatMap(\.services).unique.sorted()
            return modes.flatMap { mode in
                (mode == .direct ? Array(sizes.prefix(1)) : sizes).map { cell(mode, services: $0) }
            }
        }

        public func cell(_ mode: BenchMode, services: Int) -> BenchCell {
            let wanted = scenarios.filter { mode == .direct || $0.services.contains(services) }
            return BenchCell(mode: mode, services: services, endpoints: endpoints, scenarios: wanted)
        }
    }

    private let plan: Plan
    private let command: String
    private let program: String
    private let arguments: [String]
    /// Hears what is measured next.
    private let say: @Sendable (String) -> Void

    /// `program` with `arguments` and `--cell MODE:SERVICES` must print what `samples(of:)` returns. `say` hears what is
    /// measured next.
    public init(
        _ plan: Plan, program: String, arguments: [String], say: @escaping @Sendable (String) -> Void
    ) {
        self.plan = plan
        self.program = program
        self.arguments = arguments
        self.say = say
        command = (["apus"] + arguments).joined(separator: " ")
    }

    /// The child's part: one cell, as lines of text.
    public static func samples(of cell: BenchCell) throws -> String { try CellRun.measure(cell).text }

    public func run() -> BenchReport {
        var result = BenchReport(machine: Machine(), command: command, scenarios: plan.scenarios)
        let cells = plan.cells
        let count = cells.count + plan.targets.count
        for (index, cell) in cells.enumerated() {
            let isDirect = cell.mode == .direct
            let size = isDirect ? "" : ", \(NumberText.grouped(cell.services)) Services"
            say("[\(index + 1)/\(count)] \(cell.mode.rawValue)\(size)")
            result.add(cell.mode.rawValue + size) {
                BenchValue.values(
                    of: cell.mode.rawValue, services: isDirect ? nil : cell.services, try measure(cell), cell.scenarios)
            }
        }
        for (index, target) in plan.targets.enumerated() {
            say("[\(cells.count + index + 1)/\(count)] \(target.name)")
            result.add(target.name) {
                let samples = try ExternalRun.measure(target, plan.scenarios)
                return BenchValue.values(of: target.name, services: nil, samples, plan.scenarios)
            }
        }
        return result
    }

    private func measure(_ cell: BenchCell) throws -> Samples {
        let arguments = arguments + ["--cell", "\(cell.mode.rawValue):\(cell.services)"]
        let finished = try FinishedProcess.run(.bench(program, arguments), limit: .seconds(1800), outputLimit: 64 << 20)
        switch finished.end {
        case .exit(0): return Samples(finished.text)
        case .timeLimit: throw BenchError("not done in 30 minutes")
        default: throw BenchError(Self.sentence(finished.text + finished.errorText))
        }
    }

    /// A child's complaint without the parser's word before it.
    private static func sentence(_ output: String) -> String {
        let lines = output.split(separator: "\n").filter { !$0.isEmpty }
        let line = lines.first { $0.hasPrefix("Error: ") } ?? lines.last ?? "it ended without a word"
        return String(line.hasPrefix("Error: ") ? line.dropFirst("Error: ".count) : line)
    }
}
