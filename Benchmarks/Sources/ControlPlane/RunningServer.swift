import Foundation

/// An API server that answers, and its administrator.
struct RunningServer {
    let server: ServerProcess
    let administrator: APIClient

    /// Both end with `body`.
    static func with(_ program: String, _ body: (RunningServer) async throws -> Void) async throws {
        let server = try ServerProcess(program: program)
        defer { server.stop() }
        try server.start()
        while !FileManager.default.fileExists(atPath: server.kubeconfig.path) {
            try server.checkRuns()
            try await Task.sleep(for: .milliseconds(10))
        }
        let administrator = try APIClient(server, .administrator(server))
        let outcome: Result<Void, any Error>
        do {
            try await administrator.waitUntilReady(server)
            try await body(RunningServer(server: server, administrator: administrator))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await administrator.close()
        try outcome.get()
    }
}
