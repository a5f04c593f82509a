import KubeAPI
import Logging
import NIOCore

/// Posts Events to the API server. Reporting never waits: when the queue is full the newest report is dropped.
public final class EventSink: Sendable {
    private static let queueLength = 256

    private let client: KubeClient
    private let controller: String
    private let instance: String
    private let logger: Logger
    private let queue: AsyncStream<EventReport>
    private let entrance: AsyncStream<EventReport>.Continuation

    /// `controller` and `instance` say who reports, such as `kube-proxy` and `kube-proxy-node1`.
    public init(client: KubeClient, controller: String, instance: String, logger: Logger) {
        self.client = client
        self.controller = controller
        self.instance = instance
        self.logger = logger
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLength))
    }

    public func report(_ report: EventReport) { entrance.yield(report) }

    /// Posts what is reported until the task is cancelled.
    public func run() async {
        var aggregator = EventAggregator()
        for await report in queue {
            let now = Int(WallClock.now() / 1000)
            guard let post = aggregator.admit(report, at: now) else { continue }
            do {
                _ = try await client.body(of: request(post, at: now))
            } catch .cancelled {
                return
            } catch {
                logger.debug("event not posted", metadata: ["reason": "\(report.reason)", "error": "\(error)"])
            }
        }
    }

    private func request(_ post: EventPost, at now: Int) -> KubeRequest {
        let event = event(post, at: now)
        return KubeRequest(.create, path: event.path, body: ByteBuffer(bytes: JSONWriter.bytes(event.json)))
    }

    private func event(_ post: EventPost, at now: Int) -> Event {
        let (report, subject) = (post.report, post.report.regarding)
        let regarded = NamespacedName(namespace: subject.namespace, name: subject.name)
        // Events about cluster-scoped objects live in the default namespace.
        let key = NamespacedName(
            namespace: subject.namespace.isEmpty ? "default" : subject.namespace,
            name: "\(subject.name).\(String(now * 1000, radix: 16))")
        return Event(
            key: key,
            regarding: .init(apiVersion: subject.apiVersion, kind: subject.kind, key: regarded, uid: subject.uid),
            severity: report.severity, reason: report.reason, action: report.action, note: report.note,
            reportingController: controller, reportingInstance: instance, firstSeen: Int64(post.firstSeen) * 1000,
            lastSeen: post.series.map { Int64($0.lastSeen) * 1000 }, count: Int32(clamping: post.series?.count ?? 1))
    }
}
