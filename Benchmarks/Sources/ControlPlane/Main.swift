import Foundation

/// `control-plane-bench APUS [--objects N] [--watchers N] [--stored N] [--json FILE] [--table FILE]`
@main
enum Main {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("control-plane-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
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
        let client = try APIClient(server)
        try await client.waitUntilReady(server)
        var benchmark = ControlPlaneBenchmark(server: server, client: client)
        try await benchmark.run(objects: number("objects", 10_000), watchers: number("watchers", 1000))
        try await benchmark.start(objects: number("stored", 80_000))
        if let file = option("json") { try benchmark.report.json().write(to: URL(filePath: file)) }
        if let file = option("table") {
            try benchmark.report.table.write(to: URL(filePath: file), atomically: true, encoding: .utf8)
        }
        try await client.close()
        server.stop()
        if benchmark.report.rows.contains(where: { !$0.isMet }) { exit(3) }
    }
}
