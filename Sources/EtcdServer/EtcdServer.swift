import EtcdAPI
import GRPCServer
import Logging
import NIOCore
import NIOSSL
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

    var alarms: Alarms { state.alarms }

    var isReadable: Bool { (try? state.store.sizeNow()) != nil }

    /// Serves until shutdown; calls that run then have a moment to end.
    public func run() async throws {
        var limits = RPCLimits()
        // What is a little too large hears so in etcd's words; what is far too large has its call ended.
        limits.messageBytes = 4 * options.limits.messageBytes
        let server = RPCServer(methods, limits: limits)
        for listener in options.listeners {
            do {
                try await listen(server, listener)
            } catch {
                await server.shutDown(grace: .zero)
                throw StoreError.unavailable("cannot serve on \(listener): \(error)")
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watchSpace() }
            if let autoCompaction = options.autoCompaction {
                group.addTask { try await autoCompaction.run(state.store, logger) }
            }
            group.addTask {
                try await gracefulShutdown()
                throw CancellationError()
            }
            do {
                while try await group.next() != nil {}
            } catch is CancellationError {
                group.cancelAll()
            }
        }
        // No more connections first; then calls that end by themselves; watches never do.
        await server.shutDown(grace: Self.grace)
    }

    private static let grace = Duration.milliseconds(500)

    private var methods: MethodTable {
        var methods = MethodTable()
        KVService(server: state).register(&methods)
        WatchService(server: state).register(&methods)
        LeaseService(server: state).register(&methods)
        MaintenanceService(server: state).register(&methods)
        ClusterService(server: state).register(&methods)
        AuthService(server: state).register(&methods)
        LockService(server: state).register(&methods)
        ElectionService(server: state).register(&methods)
        HealthService().register(&methods)
        return methods
    }

    private func listen(_ server: RPCServer, _ listener: ListenURL) async throws {
        let tls = listener.hasTLS ? try options.tls?.context() : nil
        let address: SocketAddress
        switch listener.place {
        case .socket(let path):
            try SocketFile.clear(path)
            address = try SocketAddress(unixDomainSocketPath: path)
        case .address(let host, let port):
            address = try SocketAddress(ipAddress: host.isEmpty ? "::" : host, port: port)
        }
        let bound = try await server.listen(address, tls: tls)
        logger.info("serving etcd's API on \(listener.with(port: bound.port))")
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
