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

        let server = try ServerProcess(program: program)
        try server.start()
        while !FileManager.default.fileExists(atPath: server.kubeconfig.path) {
            try server.checkRuns()
            try await Task.sleep(for: .milliseconds(10))
        }
        let administrator = try APIClient(server, .administrator(server))
        try await administrator.waitUntilReady(server)
        let report: Report
        if arguments.contains("--controllers") {
            let cluster = try ControlledCluster(server, administrator)
            defer { cluster.stop() }
            var benchmark = ControllersBenchmark(cluster: cluster, seed: UInt64(number("seed", 1)))
            try await benchmark.run()
            report = benchmark.report
        } else {
            for (path, object) in Manifests.access {
                try await administrator.send("POST", path, body: object)
            }
            let credentials = try Credentials.user(server)
            let client = try APIClient(server, credentials)
            var benchmark = ControlPlaneBenchmark(server: server, credentials: credentials, client: client)
            try await benchmark.run(objects: number("objects", 10_000), watchers: number("watchers", 1000))
            try await benchmark.start(objects: number("stored", 80_000))
            report = benchmark.report
            try await client.close()
        }
        if let file = option("json") { try report.json().write(to: URL(filePath: file)) }
        if let file = option("table") {
            try report.table.write(to: URL(filePath: file), atomically: true, encoding: .utf8)
        }
        try await administrator.close()
        server.stop()
        return report.rows.allSatisfy(\.isMet)
    }
}
