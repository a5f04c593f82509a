import Bench
import Glibc

/// Measures the data plane on this machine's kernel. Needs root, for namespaces; touches none but its own.
@main
struct DataPlane {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            Progress.say("apus-bench: \(error)")
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        if arguments.first == "scenario" { return try runScenario(arguments.dropFirst()) }
        if arguments.first == "relay" { try Relay.run(arguments.dropFirst()) }
        let options = try Options(arguments)
        guard getuid() == 0 else { throw BenchError("needs root, to make network namespaces; run it with sudo") }
        var suite = Suite(plan: options.plan, only: options.only)
        let report = Report(machine: Machine(), isQuick: options.plan.isQuick, figures: try suite.run())
        print(report.terminalTable)
        fflush(nil)
        if let path = options.json { try TextFile.write(report.json, to: path) }
        if let folder = options.documents { try report.write(to: folder) }
        guard report.isGood else { throw BenchError("some figures miss their targets") }
    }

    /// `scenario NAME SERVICES REPEATS`: one measurement in this process.
    private static func runScenario(_ arguments: ArraySlice<String>) throws {
        let words = Array(arguments)
        guard words.count == 3, let scenario = Scenario(rawValue: words[0]), let services = Int(words[1]),
            let repeats = Int(words[2]), services >= 0
        else { throw BenchError("usage: scenario NAME SERVICES REPEATS") }
        print(try scenario.run(Scenario.Size(services: services, repeats: repeats)).text, terminator: "")
    }
}
