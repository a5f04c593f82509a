import DNSCore
import KubeClient
import Logging
import NIOCore
import NIOPosix
import NetTypes
import ServiceLifecycle
import Synchronization
import Telemetry
import Threads

/// A cluster's name server: UDP on a thread for each processor, TCP, other servers for all names but the cluster's own.
public final class NameServer: Service {
    public struct Options: Sendable {
        public var zone: ZoneConfiguration
        /// Port 0 takes one that is free for UDP and TCP, the same for all addresses with 0.
        public var addresses: [AddressPort]
        /// Asked for names outside the zone; none: such names are refused.
        public var upstreams: [AddressPort] = []
        public var cacheCapacity = 10_000
        /// UDP sockets of each address.
        public var threads = 1

        public init(zone: ZoneConfiguration, addresses: [AddressPort]) {
            self.zone = zone
            self.addresses = addresses
        }
    }

    private struct Bound {
        var addresses: [AddressPort] = []
        var sockets: [DatagramSocket] = []
        let streams: StreamServer
        let resolver: Resolver
        let forwarder: Forwarder?
    }

    private let options: Options
    private let client: KubeClient
    private let metrics: DNSMetrics
    private let logger: Logger
    private let board: ZoneBoard
    private let isDraining = Atomic(false)

    public init(_ options: Options, client: KubeClient, registry: MetricsRegistry, logger: Logger) {
        self.options = options
        self.client = client
        metrics = DNSMetrics(registry)
        self.logger = logger
        board = ZoneBoard(Zone(options.zone))
    }

    /// Everything is known of the cluster, and shutdown has not begun.
    public var isReady: Bool { board.current.isComplete && !isDraining.load(ordering: .relaxed) }

    /// Serves until shutdown; then answers what has arrived.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await serve(on: group)) } catch { outcome = .failure(error) }
        try? await group.shutdownGracefully()
        try outcome.get()
    }

    private func serve(on group: any EventLoopGroup) async throws {
        let bound = try await bind(group)
        let workers = bound.sockets.map { DatagramWorker($0, board, bound.resolver, bound.forwarder) }
        var threads: [OwnThread] = []
        do { for worker in workers { threads.append(try worker.start()) } } catch {
            await end(workers, threads, bound)
            throw error
        }
        for address in bound.addresses {
            logger.info("DNS on \(address)", metadata: ["domain": "\(options.zone.domain)"])
        }
        let feed = ZoneFeed(
            client: client, configuration: options.zone, board: board, metrics: metrics, logger: logger)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await feed.run() }
            try? await gracefulShutdown()
            isDraining.store(true, ordering: .relaxed)
            tasks.cancelAll()
        }
        await end(workers, threads, bound)
    }

    /// Forwarded questions get a moment for their answers.
    private func end(_ workers: [DatagramWorker], _ threads: [OwnThread], _ bound: Bound) async {
        await bound.streams.drain()
        for worker in workers { worker.stop() }
        try? await OwnThread.wait { for thread in threads { thread.join() } }
        for _ in 0..<30 where bound.forwarder?.isIdle == false { try? await Task.sleep(for: .milliseconds(100)) }
        await bound.streams.stop()
    }
}

// MARK: - Addresses

extension NameServer {
    private static var portAttempts: Int { 16 }

    private func bind(_ group: any EventLoopGroup) async throws -> Bound {
        let wantsAnyPort = options.addresses.contains { $0.port == 0 }
        var attempt = 1
        while true {
            let (addresses, sockets) = try bindDatagrams()
            let bound = makeBound(group, addresses, sockets)
            do {
                for address in addresses { try await bound.streams.listen(address) }
                return bound
            } catch {
                await bound.streams.stop()
                // The port that UDP was given need not be free for TCP.
                guard wantsAnyPort, attempt < Self.portAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private func bindDatagrams() throws(DNSListenError) -> ([AddressPort], [DatagramSocket]) {
        var chosen: UInt16 = 0
        var addresses: [AddressPort] = []
        var sockets: [DatagramSocket] = []
        for wanted in options.addresses {
            var address = AddressPort(wanted.address, wanted.port == 0 ? chosen : wanted.port)
            for _ in 0..<max(1, options.threads) {
                let socket = try DatagramSocket(address)
                if address.port == 0 {
                    chosen = socket.port
                    address = AddressPort(wanted.address, chosen)
                }
                sockets.append(socket)
            }
            addresses.append(address)
        }
        return (addresses, sockets)
    }

    private func makeBound(
        _ group: any EventLoopGroup, _ addresses: [AddressPort], _ sockets: [DatagramSocket]
    ) -> Bound {
        let upstreams = options.upstreams.filter { !isOwn($0, addresses) }
        let resolver = Resolver(cacheCapacity: options.cacheCapacity, forwards: !upstreams.isEmpty, metrics: metrics)
        let forwarder = upstreams.isEmpty ? nil : Forwarder(group, servers: upstreams, resolver)
        return Bound(
            addresses: addresses, sockets: sockets, streams: StreamServer(group, board, resolver, forwarder),
            resolver: resolver, forwarder: forwarder)
    }

    /// Whether a name server to ask is this one: questions would come back for ever.
    private func isOwn(_ server: AddressPort, _ addresses: [AddressPort]) -> Bool {
        let isOwn = addresses.contains { own in
            guard own.port == server.port else { return false }
            guard own.address.isUnspecified, own.address.family == server.address.family else {
                return own.address == server.address
            }
            // Only an address of this machine can be taken.
            return server.address.isLoopback || (try? DatagramSocket(AddressPort(server.address, 0))) != nil
        }
        if isOwn { logger.warning("not forwarding to \(server): that is this name server itself") }
        return isOwn
    }
}
