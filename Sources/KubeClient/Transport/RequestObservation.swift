/// What metrics want to know about a finished request (`rest_client_requests_total`,
/// `rest_client_request_duration_seconds`).
public struct RequestObservation: Sendable {
    /// HTTP status code, or `<error>` when there was no answer.
    public let code: String
    public let method: String
    /// `host:port` of the server.
    public let host: String
    /// get, list, watch, create, update, patch or delete.
    public let verb: String
    /// Until the head of the answer.
    public let duration: Duration
}

/// Called after every request, also failed ones; must not block.
public typealias RequestObserver = @Sendable (RequestObservation) -> Void
