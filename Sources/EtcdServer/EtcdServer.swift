import EtcdAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOPosix
import ServiceLifecycle
import Store
import StoreCore

/// The etcd v3 API over gRPC, in front of the embedded store.
public struct EtcdServer: Service {
    /// What `Status` says: kube-apiserver asks for progress of watches from 3.5.13 on.
    public static let version = "3.5.21"
    static let storageVersion = "3.5.0"

    public struct Options: Sendable {
        public var listeners: [ListenURL]
        public var tls: ServerTLS?
        public var limits = EtcdLimits()
        public var autoCompaction: AutoCompaction?

        public init(listeners: [ListenURL]) { self.listeners = listeners }
    }

    private let state: ServerState
    private let options: Options
    private let logger: Logger

    public init(store: EmbeddedStore, identity: MemberIdentity, options: Options, logger: Logger) throws {
        for listener in options.listeners {
            try listener.requireSafe()
            if listener.hasTLS, options.tls == nil {
                throw ListenURL.Malformed(description: "\(listener) needs --cert-file and --key-file")
            }
        }
        state = ServerState(
            store: store, identity: identity, limits: options.limits, alarms: Alarms(),
            clientURLs: options.listeners.map(\.description))
        self.options = options
        self.logger = logger
    }

    /// Serves until shutdown; calls that run then have a moment to end.
    public func run() async throws {
        let servers = try options.listeners.map { listener in
            (listener, GRPCServer(transport: try transport(listener), services: services))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (listener, server) in servers {
                group.addTask { try await serve(server, listener) }
                group.addTask { await announce(server.transport, listener) }
            }
            group.addTask { try await watchSpace() }
            if let autoCompaction = options.autoCompaction {
                group.addTask { try await autoCompaction.run(state.store, logger) }
            }
            group.addTask {
                try await gracefulShutdown()
                // No more connections first; then calls that end by themselves; watches never do.
                for (_, server) in servers { server.beginGracefulShutdown() }
                try await Task.sleep(for: Self.grace)
                throw CancellationError()
            }
            do {
                while try await group.next() != nil {}
            } catch is CancellationError {
                group.cancelAll()
            }
        }
    }

    private static let grace = Duration.milliseconds(500)

    private var services: [any RegistrableRPCService] {
        [
            KVService(server: state), WatchService(server: state), LeaseService(server: state),
            MaintenanceService(server: state), ClusterService(server: state), AuthService(server: state),
            LockService(server: state), ElectionService(server: state),
        ]
    }

    private func serve(_ server: GRPCServer<HTTP2ServerTransport.Posix>, _ listener: ListenURL) async throws {
        do {
            try await server.serve()
        } catch {
            if Task.isCancelled { throw CancellationError() }
            let reason = (error as? RuntimeError)?.cause.map { "\($0)" } ?? "\(error)"
            throw StoreError.unavailable("cannot serve on \(listener): \(reason)")
        }
    }

    private func announce(_ transport: HTTP2ServerTransport.Posix, _ listener: ListenURL) async {
        guard let address = try? await transport.listeningAddress else { return }
        logger.info("serving etcd's API on \(listener.with(port: address.ipv4?.port ?? address.ipv6?.port))")
    }

    private func transport(_ listener: ListenURL) throws -> HTTP2ServerTransport.Posix {
        let address: SocketAddress
        switch listener.place {
        case .socket(let path):
            try SocketFile.clear(path)
            address = .unixDomainSocket(path: path)
        case .address(let host, let port):
            address =
                host.isEmpty || host.contains(":")
                ? .ipv6(host: host.isEmpty ? "::" : host, port: port) : .ipv4(host: host, port: port)
        }
        return HTTP2ServerTransport.Posix(
            address: address, transportSecurity: listener.hasTLS ? options.tls?.security ?? .plaintext : .plaintext,
            config: .defaults { configuration in
                // What is a little too large hears so in etcd's words; what is far too large has its call ended.
                configuration.rpc.maxRequestPayloadSize = 4 * options.limits.messageBytes
                // As etcd: clients may ask every five seconds whether the server is there.
                configuration.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(5)
                configuration.connection.keepalive.clientBehavior.allowWithoutCalls = true
            })
    }

    /// Raises the alarm when the store has outgrown its quota.
    private func watchSpace() async throws {
        let quota = options.limits.storeBytes
        guard quota > 0 else { return }
        while true {
            if let size = try? await state.store.size(), size.used > quota, !state.alarms.raise([.noSpace]).isEmpty {
                logger.warning(
                    "the store has \(size.used) bytes, more than --quota-backend-bytes \(quota): it refuses writes until compacted and 'etcdctl alarm disarm'"
                )
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
