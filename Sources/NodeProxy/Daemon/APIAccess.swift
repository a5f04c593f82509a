import KubeAPI
import KubeClient
import Logging
import Synchronization

/// How the daemon comes by an API server.
public struct APIAccess: Sendable {
    /// Reads the kubeconfig that the configuration names.
    public typealias Connect = @Sendable (KubeProxyConfiguration) throws -> ServerConnection

    let connect: Connect
    /// For exec plugins.
    let environment: [String: String]

    public init(environment: [String: String], connect: @escaping Connect) {
        self.environment = environment
        self.connect = connect
    }

    func client(
        _ configuration: KubeProxyConfiguration, _ logger: Logger, observer: RequestObserver? = nil
    ) throws -> KubeClient {
        var options = KubeClient.Options()
        options.environment = environment
        options.qps = Double(configuration.clientConnection.qps)
        options.burst = Int(configuration.clientConnection.burst)
        return KubeClient(try connect(configuration), options: options, logger: logger, observer: observer)
    }
}

/// The daemon's side of the API: reflectors that feed the loop, and Events; moves to another server when told to.
final class APISession: Sendable {
    /// One client with what goes through it.
    private struct Link: Sendable {
        let client: KubeClient
        let events: EventSink
    }

    private let access: APIAccess
    private let nodeName: String
    private let metrics: ProxyMetrics
    private let logger: Logger
    private let current: Mutex<Link>
    private let successors: AsyncStream<Void>
    private let moved: AsyncStream<Void>.Continuation

    init(
        _ access: APIAccess, _ configuration: KubeProxyConfiguration, nodeName: String, metrics: ProxyMetrics,
        logger: Logger
    ) throws {
        self.access = access
        self.nodeName = nodeName
        self.metrics = metrics
        self.logger = logger
        current = Mutex(try Self.link(access, configuration, nodeName, metrics, logger))
        (successors, moved) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private static func link(
        _ access: APIAccess, _ configuration: KubeProxyConfiguration, _ nodeName: String, _ metrics: ProxyMetrics,
        _ logger: Logger
    ) throws -> Link {
        let client = try access.client(configuration, logger) { request in
            metrics.requests[request.code, request.host, request.method].increment()
            metrics.requestDuration[request.host, request.verb].observe(request.duration)
        }
        return Link(
            client: client,
            events: EventSink(client: client, controller: "kube-proxy", instance: nodeName, logger: logger))
    }

    /// Posts an Event, later.
    func report(_ report: EventReport) { current.withLock { $0.events }.report(report) }

    /// Takes up a changed rate, or another kubeconfig; when that cannot be used, the last good connection stays.
    func apply(_ new: KubeProxyConfiguration, from old: KubeProxyConfiguration) {
        let (before, after) = (old.clientConnection, new.clientConnection)
        if before.kubeconfig != after.kubeconfig {
            do {
                let link = try Self.link(access, new, nodeName, metrics, logger)
                let previous = current.withLock { current in
                    defer { current = link }
                    return current
                }
                moved.yield()
                Task { try? await previous.client.shutdown() }
            } catch {
                logger.error(
                    "the new kubeconfig cannot be used; the last connection stays",
                    metadata: ["kubeconfig": "\(after.kubeconfig)", "error": "\(error)"])
            }
        } else if before.qps != after.qps || before.burst != after.burst {
            current.withLock { $0.client }.setRate(qps: Double(after.qps), burst: Int(after.burst))
        }
    }

    /// Feeds the loop and posts Events until the task is cancelled.
    func run(_ mailbox: Mailbox<ProxyInput>) async {
        while !Task.isCancelled {
            let link = current.withLock { $0 }
            let feed = KubernetesFeed(client: link.client, mailbox: mailbox, logger: logger)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await feed.run(nodeName: self.nodeName) }
                group.addTask { await link.events.run() }
                group.addTask {
                    for await _ in self.successors where self.current.withLock({ $0.client !== link.client }) { return }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    func shutdown() async { try? await current.withLock { $0.client }.shutdown() }
}
