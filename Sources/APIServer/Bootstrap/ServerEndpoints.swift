import Logging
import NetTypes
import ServiceLifecycle
import StoreCore

/// Keeps the endpoints of the `kubernetes` Service as the servers are that share a store. Each has a key with a lease, where
/// kube-apiserver has it too; a server that ends gives it back, one that dies loses it.
public struct ServerEndpoints: ServiceLifecycle.Service {
    private static let prefix = "/registry/masterleases/"
    private static let leaseSeconds: Int64 = 15
    private static let interval = Duration.seconds(5)

    private let store: any Store
    private let bootstrap: ClusterBootstrap
    private let logger: Logger

    public init(_ store: any Store, _ bootstrap: ClusterBootstrap, logger: Logger) {
        self.store = store
        self.bootstrap = bootstrap
        self.logger = logger
    }

    public func run() async throws {
        var lease: LeaseID = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                lease = try await renewed(lease)
                try await publish()
            } catch {
                logger.warning("the endpoints of the kubernetes Service are not kept: \(error)")
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
        guard lease != 0 else { return }
        do {
            _ = try await store.revokeLease(lease)
            try await publish()
        } catch {
            logger.warning("this server stays among the endpoints of the kubernetes Service for a while: \(error)")
        }
    }

    /// The lease of this server's key, made anew when there is none.
    private func renewed(_ lease: LeaseID) async throws -> LeaseID {
        if lease != 0 {
            do {
                _ = try await store.keepLeaseAlive(lease)
                return lease
            } catch StoreError.leaseNotFound {
                // The store was away for longer than it lasts.
            }
        }
        let new = try await store.grantLease(0, seconds: Self.leaseSeconds).id
        let key = Bytes((Self.prefix + bootstrap.advertised.address.description).utf8)
        _ = try await store.apply(Transaction(success: [.put(.init(key, [], lease: new))]))
        return new
    }

    private func publish() async throws {
        let range = KeyRange(prefix: Bytes(Self.prefix.utf8))
        let keys = try await store.range(RangeQuery(range)).result.keyValues.map(\.key)
        let addresses = keys.compactMap {
            IPAddress(String(decoding: $0.dropFirst(Self.prefix.utf8.count), as: UTF8.self))
        }
        try await bootstrap.publish(addresses)
    }
}
