import ArgumentParser
import Foundation
import Logging
import NodeProxy
import Store
import StoreCore
import StoreEtcd

/// Where objects are kept: in the process, or in an etcd.
struct StoreOptions: ParsableArguments {
    @Option(
        help: """
            The members of an etcd that keeps the objects, separated by commas, such as https://10.0.0.1:2379; without it \
            the objects are kept in --data-dir.
            """)
    var etcdServers: String?

    @Option(help: "The authorities (PEM) of etcd's certificates; by default the system's.")
    var etcdCafile: String?

    @Option(help: "The certificate (PEM) to show to etcd.")
    var etcdCertfile: String?

    @Option(help: "The key of --etcd-certfile.")
    var etcdKeyfile: String?

    @Option(help: "What all keys in etcd begin with.")
    var etcdPrefix = Self.defaultPrefix

    @Option(help: "How often the history of the store is forgotten that is older than this; 0s for never.")
    var etcdCompactionInterval = "5m"

    /// What the registry's keys begin with.
    private static let defaultPrefix = "/registry"

    /// How long etcd may take to answer at start.
    private static let patience = Duration.seconds(60)

    func validate() throws {
        guard (etcdCertfile == nil) == (etcdKeyfile == nil) else {
            throw ValidationError("--etcd-certfile and --etcd-keyfile come together: give both or none")
        }
        for (flag, file) in [
            ("--etcd-cafile", etcdCafile), ("--etcd-certfile", etcdCertfile), ("--etcd-keyfile", etcdKeyfile),
        ] {
            guard let file else { continue }
            guard etcdServers != nil else { throw ValidationError("\(flag) is for an etcd: give --etcd-servers") }
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw ValidationError("cannot read \(file), which \(flag) names")
            }
        }
        guard !etcdPrefix.split(separator: "/").isEmpty else {
            throw ValidationError("--etcd-prefix \(etcdPrefix) names no prefix; give one such as /registry")
        }
        _ = try compactionInterval
    }

    /// Other servers may have the same store.
    var isShared: Bool { etcdServers != nil }

    /// nil for never.
    var compactionInterval: Duration? {
        get throws {
            guard let interval = GoDuration(etcdCompactionInterval)?.duration, interval >= .zero else {
                throw ValidationError("--etcd-compaction-interval \(etcdCompactionInterval) is no time such as 5m")
            }
            return interval == .zero ? nil : interval
        }
    }

    /// Opens the store, or finds an etcd that answers.
    /// - Parameter folder: of the embedded store.
    func open(folder: String, logger: Logger) async throws -> StoreEngine {
        guard let etcdServers else {
            let store = try EmbeddedStore(folder: folder)
            return StoreEngine(store: store) { await store.close() }
        }
        let etcd = try EtcdStore(
            endpoints: EtcdEndpoint.list(etcdServers),
            credentials: EtcdCredentials(authorities: etcdCafile, certificate: etcdCertfile, key: etcdKeyfile)
        ) { Clock.nanoseconds() / 1_000_000 }
        try await wait(for: etcd, logger)
        let prefix = "/" + etcdPrefix.split(separator: "/").joined(separator: "/")
        let store: any Store =
            prefix == Self.defaultPrefix ? etcd : PrefixedStore(etcd, keys: Self.defaultPrefix, at: prefix)
        return StoreEngine(store: store) { await etcd.close() }
    }

    private func wait(for etcd: EtcdStore, _ logger: Logger) async throws {
        let limit = ContinuousClock.now + Self.patience
        while true {
            do {
                _ = try await etcd.currentRevision()
                return
            } catch {
                guard ContinuousClock.now < limit else {
                    await etcd.close()
                    throw error
                }
                logger.warning("waiting for etcd: \(error)")
            }
        }
    }
}

/// The store of an API server, and how it is let go.
struct StoreEngine: Sendable {
    let store: any Store
    let close: @Sendable () async -> Void
}
