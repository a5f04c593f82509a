import ArgumentParser
import EtcdServer
import Foundation
import Logging
import NodeProxy
import ServiceLifecycle
import Store
import StoreCore
import Telemetry

struct EtcdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "etcd", abstract: "Serve etcd's v3 API from one durable file.",
        discussion: """
            etcdctl, kube-apiserver and other clients of etcd use it as they are. One process owns the folder; every write
            is on disk before it is answered. SIGTERM ends it.

            Examples:
              apus etcd --data-dir /var/lib/apus/etcd
              apus etcd --data-dir D --listen-client-urls unix:///run/apus/etcd.sock
              apus etcd --data-dir D --listen-client-urls https://10.0.0.1:2379 \\
                --cert-file server.crt --key-file server.key --trusted-ca-file ca.crt --client-cert-auth
              etcdctl --endpoints 127.0.0.1:2379 put greeting hello
              etcdctl --endpoints 127.0.0.1:2379 snapshot save backup
              apus etcd restore backup --data-dir NEW
            """,
        subcommands: [EtcdServe.self, EtcdRestore.self], defaultSubcommand: EtcdServe.self)
}

struct EtcdServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve etcd's v3 API (the default).",
        discussion: "Flags have etcd's names and meanings.")

    @Option(help: "The folder of the store; made if it is not there.") var dataDir = "default.etcd"
    @Option(
        help: "Where to listen, separated by commas: http, https, unix or unixs URLs. Plain text on this machine alone."
    )
    var listenClientUrls = "http://127.0.0.1:2379"
    @Option(help: "Where to serve /metrics and /health, one http URL.") var listenMetricsUrls: String?
    @Option(help: "This member's name.") var name = "default"
    @Option(help: "The server's certificate, PEM.") var certFile: String?
    @Option(help: "The certificate's key, PEM.") var keyFile: String?
    @Option(help: "The authorities of clients' certificates, PEM.") var trustedCaFile: String?
    @Flag(help: "Refuse clients without a certificate of --trusted-ca-file.") var clientCertAuth = false
    @Option(help: "How writes are counted for --auto-compaction-retention: periodic or revision.")
    var autoCompactionMode = "periodic"
    @Option(help: "What to keep: 0 for everything, a time (1h, 30m; a bare number is hours), or a number of revisions.")
    var autoCompactionRetention = "0"
    @Option(help: "Refuse writes when the store is larger; 0 for 2 GiB, negative for no limit.") var quotaBackendBytes:
        Int64 = 0
    @Option(help: "The largest request in bytes.") var maxRequestBytes = 3 << 19
    @Option(help: "The most operations in a transaction.") var maxTxnOps = 128
    @Option(help: "How often idle watches that asked for it hear of progress, as 10m or 5s.")
    var watchProgressNotifyInterval = "10m"
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.logger("etcd")
        let options = try options()
        let metrics = EtcdMetrics()
        let store = try EmbeddedStore(folder: dataDir, onCommit: { metrics.note($0) })
        metrics.observe(store, limits: options.limits)
        let identity = try MemberIdentity(folder: dataDir, name: name)
        logger.info("the store \(dataDir) has \(store.count) keys at revision \(store.revisions.latest)")
        do {
            let server = try EtcdServer(store: store, identity: identity, options: options, logger: logger)
            var services: [any Service] = [server]
            if let listener = try await metricsListener(metrics.routes(server), logger) { services.append(listener) }
            try await ServiceGroup(
                configuration: .init(
                    services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            ).run()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private func options() throws -> EtcdServer.Options {
        let urls = try listenClientUrls.split(separator: ",").map { try ListenURL(String($0)) }
        guard !urls.isEmpty else { throw ValidationError("--listen-client-urls names no URL") }
        var options = EtcdServer.Options(listeners: urls)
        options.tls = try tls()
        options.limits.requestBytes = maxRequestBytes
        options.limits.operations = maxTxnOps
        if quotaBackendBytes != 0 { options.limits.storeBytes = max(0, quotaBackendBytes) }
        guard let interval = GoDuration(watchProgressNotifyInterval)?.duration else {
            throw ValidationError("--watch-progress-notify-interval \(watchProgressNotifyInterval) is no time as 10m")
        }
        options.limits.progressInterval = interval
        options.autoCompaction = try autoCompaction()
        return options
    }

    private func tls() throws -> ServerTLS? {
        guard let certFile, let keyFile else {
            if certFile != nil || keyFile != nil {
                throw ValidationError("--cert-file and --key-file go together")
            }
            return nil
        }
        if clientCertAuth, trustedCaFile == nil {
            throw ValidationError(
                "--client-cert-auth needs --trusted-ca-file, the authorities of clients' certificates")
        }
        for file in [certFile, keyFile, trustedCaFile].compactMap({ $0 })
        where !FileManager.default.isReadableFile(atPath: file) {
            throw ValidationError("cannot read \(file)")
        }
        return ServerTLS(
            certificate: certFile, key: keyFile, trustedAuthorities: trustedCaFile,
            requiresClientCertificate: clientCertAuth)
    }

    private func autoCompaction() throws -> AutoCompaction? {
        switch autoCompactionMode {
        case "revision":
            guard let count = Int64(autoCompactionRetention), count >= 0 else {
                throw ValidationError(
                    "--auto-compaction-retention \(autoCompactionRetention) is no number of revisions")
            }
            return count == 0 ? nil : .revision(count)
        case "periodic":
            let hours = Int(autoCompactionRetention).map { Duration.seconds($0 * 3600) }
            guard let period = hours ?? GoDuration(autoCompactionRetention)?.duration else {
                throw ValidationError("--auto-compaction-retention \(autoCompactionRetention) is no time as 1h or 30m")
            }
            return period == .zero ? nil : .periodic(period)
        default:
            throw ValidationError("--auto-compaction-mode \(autoCompactionMode) is neither periodic nor revision")
        }
    }

    private func metricsListener(_ routes: HTTPRoutes, _ logger: Logger) async throws -> HTTPListeners? {
        guard let text = listenMetricsUrls else { return nil }
        let url = try ListenURL(text)
        guard !url.hasTLS, case .address(let host, let port) = url.place else {
            throw ValidationError("--listen-metrics-urls \(text): one http URL is served, as http://127.0.0.1:2381")
        }
        let listeners = HTTPListeners()
        let listener = try await listeners.listen(
            HTTPEndpoint(
                host: host.isEmpty ? "::" : host, port: UInt16(clamping: port), origin: "--listen-metrics-urls",
                routes: routes))
        logger.info("serving metrics on http://\(host):\(listener.port)/metrics")
        return listeners
    }
}

struct EtcdRestore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a new store of what 'etcdctl snapshot save' wrote.",
        discussion: """
            Takes snapshots of 'apus etcd'. The store keeps its revisions and leases; it is another cluster to clients.

            Example:
              apus etcd restore backup --data-dir NEW
            """)

    @Argument(help: "The snapshot.") var snapshot: String
    @Option(help: "The new folder; it must not hold a store.") var dataDir = "default.etcd"

    func run() throws { try SnapshotRestore.run(snapshot: snapshot, folder: dataDir) }
}
