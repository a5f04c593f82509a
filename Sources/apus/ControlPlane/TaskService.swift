import Logging
import ServiceLifecycle

/// Runs a body until shutdown, and ends its tasks then.
struct TaskService: Service {
    let logger: Logger
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await body() }
    }
}
