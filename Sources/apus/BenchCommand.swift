import ArgumentParser
import Bench
import Glibc
import NetTypes

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Compare the proxy modes, and no proxy, with real traffic on this machine.",
        discussion: """
            Client, node and pods are network namespaces that the command makes; each mode carries the same traffic through \
            the same Services. Without a scenario: first packet, requests, connections and throughput at 10, 1,000 and 10,000 \
            Services, some five minutes. Scenarios are YAML files; policies/traffic has examples. Needs root.

            Examples:
              apus bench --quick
              apus bench --html comparison.html --json comparison.json
              apus bench --mode nftables,userspace --services 10,1000 --scenario policies/traffic/weighted.yaml
              apus bench --mode direct --target haproxy=10.0.0.5:80 --scenario policies/traffic/requests.yaml
            """)

    @Option(help: "Modes, with commas: \(BenchMode.allCases.map(\.rawValue).joined(separator: ", ")).")
    var mode: String?

    @Option(help: "A YAML file of scenarios; may be given again.")
    var scenario: [String] = []

    @Option(help: "Numbers of Services, with commas, instead of those of the scenarios.")
    var services: String?

    @Option(help: "Endpoints of each Service that gets no traffic.")
    var endpoints = 10

    @Option(
        help: """
            NAME=ADDRESS:PORT[/PATH] of another load balancer, reached from this network namespace; it must answer HTTP \
            requests with a Content-Length. May be given again.
            """)
    var target: [String] = []

    @Option(help: "Runs of each kind, instead of the scenarios' rounds.")
    var rounds: Int?

    @Option(help: "Seconds of a run, instead of the scenarios'.")
    var seconds: Double?

    @Flag(help: "10 and 1,000 Services, two rounds of 0.2 seconds: a minute, for a first look.")
    var quick = false

    @Option(name: .shortAndLong, help: "table or json.")
    var output = "table"

    @Option(help: "Also write a page with plots there.")
    var html: String?

    @Option(help: "Also write the figures there.")
    var json: String?

    @Option(help: .hidden)
    var cell: String?

    func validate() throws {
        guard ["table", "json"].contains(output) else {
            throw ValidationError("-o \(output): the forms are table and json")
        }
        guard (1...1000).contains(endpoints) else { throw ValidationError("--endpoints: 1 to 1000") }
        if let rounds, !(1...100).contains(rounds) { throw ValidationError("--rounds: 1 to 100") }
        if let seconds, !(seconds > 0 && seconds <= 600) { throw ValidationError("--seconds: up to 600") }
    }

    func run() throws {
        guard geteuid() == 0 else {
            throw CommandFailure("apus bench makes network namespaces and needs root: run it with sudo")
        }
        let plan = try plan()
        if let cell { return print(try BenchRunner.samples(of: try Self.cell(cell, plan)), terminator: "") }
        let report = BenchRunner(
            plan, program: LabPlace.program, arguments: Array(CommandLine.arguments.dropFirst()),
            say: Self.say
        ).run()
        print(output == "json" ? report.json : report.table)
        if let html { try TextFile.write(report.html, to: html) }
        if let json { try TextFile.write(report.json, to: json) }
        if report.isEmpty { throw ExitCode.failure }
    }

    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    // MARK: The plan

    private func plan() throws -> BenchRunner.Plan {
        var scenarios = try scenario.flatMap { try Self.scenarios($0) }
        if let name = ScenarioFile.repeatedName(scenarios) {
            throw ValidationError("--scenario: several are called '\(name)', and the report tells them by their names")
        }
        if scenarios.isEmpty { scenarios = TrafficScenario.standard }
        let sizes = try services.map { try Self.sizes($0) } ?? (quick ? [10, 1000] : nil)
        for index in scenarios.indices {
            if let sizes { scenarios[index].services = sizes }
            if let rounds = rounds ?? (quick ? 2 : nil) { scenarios[index].rounds = rounds }
            if let seconds = seconds ?? (quick ? 0.2 : nil) { scenarios[index].seconds = seconds }
        }
        return BenchRunner.Plan(
            modes: try mode.map { try Self.modes($0) } ?? BenchMode.standard, scenarios: scenarios,
            endpoints: endpoints, targets: try target.map { try Self.target($0) })
    }

    private static func scenarios(_ path: String) throws -> [TrafficScenario] {
        guard let text = TextFile.read(path) else { throw ValidationError("--scenario \(path): cannot be read") }
        return try ScenarioFile.parse(text, file: path)
    }

    private static func modes(_ text: String) throws -> [BenchMode] {
        try text.split(separator: ",").map { word in
            guard let mode = BenchMode(rawValue: String(word)) else {
                let known = BenchMode.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--mode \(word): the modes are \(known)")
            }
            return mode
        }
    }

    private static func sizes(_ text: String) throws -> [Int] {
        try text.split(separator: ",").map { word in
            guard let number = Int(word), (1...100_000).contains(number) else {
                throw ValidationError("--services \(word): numbers from 1 to 100000")
            }
            return number
        }
    }

    private static func target(_ text: String) throws -> BenchRunner.Target {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let place = parts.last.map { $0.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false) } ?? []
        guard parts.count == 2, !parts[0].isEmpty, let address = place.first.flatMap({ AddressPort(String($0)) }) else {
            throw ValidationError("--target \(text): must be NAME=ADDRESS:PORT or NAME=ADDRESS:PORT/PATH")
        }
        let path = place.count > 1 ? "/\(place[1])" : "/"
        return BenchRunner.Target(name: parts[0], address: address, path: path)
    }

    private static func cell(_ text: String, _ plan: BenchRunner.Plan) throws -> BenchCell {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let mode = BenchMode(rawValue: String(parts[0])), let services = Int(parts[1]) else {
            throw ValidationError("--cell \(text): must be MODE:SERVICES")
        }
        return plan.cell(mode, services: services)
    }
}
