import KubeAPI
import KubeSchema
import Logging
import ServiceLifecycle
import StoreCore
import Telemetry

/// Serves the Kubernetes API from a store.
public struct APIServer: ServiceLifecycle.Service {
    /// The one object of a YAML text; fails with what is wrong and where.
    public typealias YAMLReader = @Sendable ([UInt8]) throws -> JSONValue

    public struct Options: Sendable {
        public var bindAddress = "127.0.0.1"
        /// 0 for any.
        public var port = 6443
        /// Bound sockets to serve on besides; it owns them.
        public var descriptors: [Int32] = []
        /// nil for plain HTTP: tests only.
        public var tls: TLSContexts?
        /// Requests without credentials are those of system:anonymous.
        public var allowsAnonymous = true
        /// nil: everybody is system:anonymous.
        public var authenticator: (any Authenticator)?
        public var impersonator: (any Impersonator)?
        /// nil allows everything.
        public var authorizer: (any Authorizer)?
        public var flowControl: (any FlowControl)?
        public var audit: (any AuditSink)?
        /// By `resource.group/subresource`, such as `pods/log` or `tokenreviews.authentication.k8s.io`.
        public var subresources: [String: any SubresourceHandler] = [:]
        /// By qualified name, as `nodes.metrics.k8s.io`.
        public var computed: [String: any ComputedResource] = [:]
        /// JSON documents by path, such as `/openid/v1/jwks`.
        public var documents: [String: JSONValue] = [:]
        /// exec, attach, port-forward, log and proxy; nil: they are not found.
        public var streams: StreamRelay?
        /// Reads bodies of application/yaml; nil: they are refused.
        public var yaml: YAMLReader?
        /// Whether watches that see the same have one reader; the store must answer `next(patience: .zero)` with its latest
        /// revision, which one over a network cannot.
        public var sharesWatches = true
        /// Named checks for /readyz.
        public var readyChecks: [HealthCheck] = []

        public init() {}
    }

    private let pipeline: RequestPipeline
    private let server: HTTPServer
    private let options: Options
    private let logger: Logger

    public init(_ registry: Registry, _ options: Options, metrics: MetricsRegistry, logger: Logger) {
        self.options = options
        self.logger = logger
        let pipeline = RequestPipeline(registry, options, metrics, logger)
        self.pipeline = pipeline
        server = HTTPServer(tls: options.tls, logger: logger) { request in
            await pipeline.respond(request)
        } tooLarge: { limit in
            StatusAnswer.response(.tooLarge(limit: limit), OutputForm.json)
        }
        pipeline.health.shutdown = { [server] in server.isShuttingDown }
    }

    /// Begins to listen; returns the port.
    public func start() async throws -> Int {
        let port = try await server.listen(host: options.bindAddress, port: options.port)
        for descriptor in options.descriptors { try await server.listen(descriptor: descriptor) }
        logger.info("serving", metadata: ["address": "\(options.bindAddress):\(port)"])
        return port
    }

    public func stop() async { await server.shutDown() }

    /// Forgets what was made of the latest changes for watchers, to give back its memory; best at a quiet time.
    public func forgetRecent() { pipeline.dispatcher.forget() }

    /// Serves until shutdown is asked for.
    public func run() async throws {
        _ = try await start()
        try? await gracefulShutdown()
        await stop()
    }
}
