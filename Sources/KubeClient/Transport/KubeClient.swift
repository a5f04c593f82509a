import AsyncHTTPClient
import ControlLoops
import Glibc
import HTTP2Frames
import KubeAPI
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Talks to one API server: credentials, TLS, rate limit, time limits and errors; knows no kinds.
public final class KubeClient: Sendable {
    public struct Options: Sendable {
        public var userAgent = "apus"
        /// Requests per second over time; zero or less means no limit.
        public var qps = 50.0
        public var burst = 100
        public var connectTimeout: Duration = .seconds(10)
        /// For everything but watches.
        public var requestTimeout: Duration = .seconds(30)
        /// How often a request is made again when the server says when to come back (Retry-After).
        public var retryLimit = 3
        /// Items and watch events larger than this are skipped.
        public var objectLimit = 8 << 20
        /// Environment of exec plugins.
        public var environment: [String: String] = [:]

        public init() {}
    }

    public let connection: ServerConnection
    public let options: Options
    let logger: Logger
    let lanes: WatchLanes
    private let tls: TLSSource?
    private let credentials: CredentialSource
    private let bucket: Mutex<TokenBucket<ContinuousClock.Instant>>
    private let observer: RequestObserver?

    /// `shutdown` must be called before the client is released. One event loop is enough for any number of watches.
    public init(
        _ connection: ServerConnection, options: Options = Options(),
        group: any EventLoopGroup = HTTPClient.defaultEventLoopGroup, logger: Logger, observer: RequestObserver? = nil
    ) {
        self.connection = connection
        self.options = options
        self.logger = logger
        self.observer = observer
        tls = connection.server.isTLS ? TLSSource(connection, logger: logger) : nil
        credentials = CredentialSource(connection, environment: options.environment)
        bucket = Mutex(TokenBucket(rate: options.qps, burst: options.burst, now: .now))
        lanes = WatchLanes {
            HTTPClient(eventLoopGroup: group, configuration: Self.httpConfiguration(connection, options))
        }
    }

    /// Changes the rate limit; requests that wait already keep their turn. Units as in `Options`.
    public func setRate(qps: Double, burst: Int) {
        bucket.withLock { $0 = TokenBucket(rate: qps, burst: burst, now: .now) }
    }

    public func shutdown() async throws { try await lanes.shutdown() }

    private static func httpConfiguration(
        _ connection: ServerConnection, _ options: Options
    ) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(options.connectTimeout)
        configuration.connectionPool.idleTimeout = .seconds(90)
        // With TLS and HTTP/2 all share one connection: 50 informers' own cost 5 MB here and 9 MB in the server. Without,
        // every watch holds one, and at the limit further requests would wait for one to end.
        configuration.httpVersion = .automatic
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = KeepAlive.enable
        configuration.http2ConnectionDebugInitializer = { channel in
            KeepAlive.enable(on: channel).flatMap { WholeFrames.add(to: channel) }
        }
        if let name = connection.serverName { configuration.dnsOverride[name] = connection.server.host }
        return configuration
    }

    /// The body of the answer to a request that is not a watch, whole.
    public func body(of request: KubeRequest) async throws(ClientError) -> ByteBuffer {
        let response = try await send(request, retries: options.retryLimit)
        return try await converting {
            try await Watchdog(self.options.requestTimeout).guarding {
                try await response.body.collect(upTo: self.options.objectLimit)
            }
        }
    }

    /// The head of the answer, which is 2xx; its body is still to be read. `retries` counts answers with Retry-After
    /// that are waited out; `lane`: of a watch.
    func send(
        _ request: KubeRequest, retries: Int = 0, lane: Int = 0
    ) async throws(ClientError) -> HTTPClientResponse {
        var retries = retries
        while true {
            do {
                return try await sendAuthenticated(request, lane)
            } catch .status(let status) where retries > 0 && (status.code == 429 || status.code >= 500) {
                guard let delay = status.retryAfter else { throw .status(status) }
                retries -= 1
                try await pause(delay)
            }
        }
    }

    private func sendAuthenticated(
        _ request: KubeRequest, _ lane: Int
    ) async throws(ClientError) -> HTTPClientResponse {
        let first = try await credentials.current()
        do {
            return try await attempt(request, first, lane)
        } catch .status(let status) where status.code == 401 {
            guard await credentials.rejected(first) else { throw .status(status) }
            return try await attempt(request, try await credentials.current(), lane)
        }
    }

    private func attempt(
        _ request: KubeRequest, _ credentials: Credentials, _ lane: Int
    ) async throws(ClientError) -> HTTPClientResponse {
        try await pause(bucket.withLock { $0.take(at: .now) })
        let start = ContinuousClock.now
        var code = "<error>"
        defer {
            observer?(
                RequestObservation(
                    code: code, method: request.method, host: connection.server.authority, verb: request.verb.rawValue,
                    duration: .now - start))
        }
        let message = try httpRequest(request, credentials)
        let response = try await converting {
            try await self.lanes.send(on: lane) { http in
                try await http.execute(message, deadline: .now() + TimeAmount(self.options.requestTimeout))
            }
        }
        code = String(response.status.code)
        guard !(200..<300).contains(response.status.code) else { return response }
        throw .status(await status(of: response))
    }

    private func httpRequest(
        _ request: KubeRequest, _ credentials: Credentials
    ) throws(ClientError) -> HTTPClientRequest {
        var server = connection.server
        if let name = connection.serverName { server.host = name }
        var message = HTTPClientRequest(url: server.description + request.target)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers.add(name: "Host", value: connection.server.authority)
        message.headers.add(name: "User-Agent", value: options.userAgent)
        message.headers.add(name: "Accept", value: request.accept)
        if let authorization = credentials.authorization {
            message.headers.add(name: "Authorization", value: authorization)
        }
        if let body = request.body {
            message.headers.add(name: "Content-Type", value: request.contentType)
            message.body = .bytes(body)
        }
        message.tlsConfiguration = try tls?.configuration(certificate: credentials.certificate)
        return message
    }

    private func status(of response: HTTPClientResponse) async -> Status {
        let body = try? await Watchdog(options.requestTimeout).guarding {
            try await response.body.collect(upTo: 1 << 16)
        }
        var status = Status(code: Int(response.status.code), body: body ?? ByteBuffer())
        if let seconds = response.headers.first(name: "Retry-After").flatMap({ Int($0) }), seconds >= 0 {
            status.retryAfterSeconds = seconds
        }
        return status
    }

    private func pause(_ delay: Duration) async throws(ClientError) {
        guard delay > .zero else { return }
        try await converting { try await Task.sleep(for: delay) }
    }
}

/// Runs `body` with its errors in our terms.
func converting<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
) async throws(ClientError) -> Value {
    do {
        return try await body()
    } catch let error as ClientError {
        throw error
    } catch is CancellationError {
        throw .cancelled
    } catch is Watchdog.Expired {
        throw .unreachable("no answer in time")
    } catch let error where error is ListScanner.Failure || error is JSONError || error is DecodingFailure {
        throw .malformed("\(error)")
    } catch {
        if Task.isCancelled { throw .cancelled }
        throw .unreachable(reason(of: error))
    }
}

/// What the kernel said of a connection, without the library's words around it: `connection refused`.
func reason(of error: any Error) -> String {
    guard let code = (error as? IOError)?.errnoCode, let message = strerror(code) else { return "\(error)" }
    let text = String(cString: message)
    return text.prefix(1).lowercased() + text.dropFirst()
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
