import ArgumentParser
import KubeClient
import Logging

/// The administrator's access to a cluster, as kubectl finds it.
struct AdministratorAccess: ParsableArguments {
    @Option(help: "An administrator's kubeconfig; KUBECONFIG by default.") var kubeconfig: String?

    func connection() throws -> ServerConnection {
        guard let path = kubeconfig ?? Environment.all["KUBECONFIG"] else {
            throw ValidationError("give --kubeconfig, or set KUBECONFIG")
        }
        return try Kubeconfig(contentsOf: path).connection()
    }

    func withClient<Value>(_ body: (KubeClient, Logger) async throws -> Value) async throws -> Value {
        let logger = Logger(label: "client") { _ in SwiftLogNoOpLogHandler() }
        return try await AdministratorAccess.withClient(try connection(), logger) { try await body($0, logger) }
    }

    /// Lends a client, and ends it.
    static func withClient<Value>(
        _ connection: ServerConnection, _ logger: Logger, _ body: (KubeClient) async throws -> Value
    ) async throws -> Value {
        var options = KubeClient.Options()
        options.userAgent = "apus"
        options.environment = Environment.all
        options.qps = 0
        options.retryLimit = 0
        let client = KubeClient(connection, options: options, logger: logger)
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(client))
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        return try outcome.get()
    }
}
