import KubeAPI
import KubeSchema

/// How long a request that does not last may take when its client says so: the query parameter `timeout`, as `10s`.
struct RequestDeadline {
    private static let most = Duration.seconds(60)
    /// nil: as long as it takes.
    private let limit: Duration?

    init(_ http: HTTPRequest, isLong: Bool) throws(Status) {
        guard !isLong, let text = http.query["timeout"], !text.isEmpty else {
            limit = nil
            return
        }
        guard let asked = GoDuration(parsing: text) else {
            throw .badRequest(
                "invalid timeout specified in the request URL - time: invalid duration \"\(text)\"")
        }
        limit = asked.nanoseconds > 0 ? min(.nanoseconds(asked.nanoseconds), Self.most) : nil
    }

    /// What is being done when the time is over is cancelled; a write that is on its way may still happen.
    func hold(_ work: @escaping @Sendable () async throws -> HTTPResponse) async throws -> HTTPResponse {
        guard let limit else { return try await work() }
        return try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
            defer { group.cancelAll() }
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: limit)
                throw Self.over
            }
            for try await first in group { return first }
            throw Self.over
        }
    }

    private static let over = Status.timeout(
        "Timeout: request did not complete within requested timeout - context deadline exceeded")
}
