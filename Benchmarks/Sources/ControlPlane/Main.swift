import Foundation

/// `control-plane-bench APUS [--objects N] [--watchers N] [--stored N] [--json FILE] [--table FILE]`, or
/// `control-plane-bench APUS --controllers [--seed N] [--json FILE] [--table FILE]`
@main
enum Main {
    static func main() async {
        do {
            // Not within: what it has made goes with it.
            if try await !run(Array(CommandLine.arguments.dropFirst())) { exit(3) }
        } catch {
            FileHandle.standardError.write(Data("control-plane-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    /// Whether everything is as fast as it must be.
    private static func run(_ arguments: [String]) async throws -> Bool {
        guard let program = arguments.first else {
            throw ServerProcess.Failure(description: "name the apus executable, such as .build/release/apus")
        }
        func option(_ name: String) -> String? {
            arguments.firstIndex(of: "--\(name)").flatMap {
                arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil
            }
        }
        func number(_ name: String, _ standard: Int) -> Int { option(name).flatMap { Int($0) } ?? standard }

        var report = Report()
        if arguments.contains("--controllers") {
            try await RunningServer.with(program) { running in
                let cluster = try ControlledCluster(running, nodes: 25)
                defer { cluster.stop() }
                var benchmark = ControllersBenchmark(
                    cluster: cluster, seed: UInt64(number("seed", 1)), report: report)
                try await benchmark.run()
                report = benchmark.report
            }
            try await RunningServer.with(program) { running in
                // The scheduler starts when there is something to do.
                let cluster = try ControlledCluster(
                    running, nodes: ManyNodesBenchmark.nodes, parts: ["controller-manager"])
                defer { cluster.stop() }
                var benchmark = ManyNodesBenchmark(cluster: cluster, report: report)
                try await benchmark.run()
                report = benchmark.report
            }
        } else {
            try await RunningServer.with(program) { running in
                for (path, object) in Manifests.access {
                    try await running.administrator.send("POST", path, body: object)
                }
                let credentials = try Credentials.user(running.server)
                let client = try APIClient(running.server, credentials)
                var benchmark = ControlPlaneBenchmark(
                    server: running.server, credentials: credentials, client: client)
                try await benchmark.run(objects: number("objects", 10_000), watchers: number("watchers", 1000))
                try await benchmark.start(objects: number("stored", 80_000))
                report = benchmark.report
                try await client.close()
            }
        }
        if let file = option("json") { try report.json().write(to: URL(filePath: file)) }
        if let file = option("table") {
            try report.table.write(to: URL(filePath: file), atomically: true, encoding: .utf8)
        }
        return report.rows.allSatisfy(\.isMet)
    }
}
