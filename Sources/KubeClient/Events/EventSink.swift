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
            let now = Timestamp.microsecondsNow()
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
        // Events about cluster-scoped objects live in the default namespace.
        let subject = post.report.regarding
        let namespace = subject.namespace.isEmpty ? "default" : subject.namespace
        let name = "\(subject.name).\(String(now * 1000, radix: 16))"
        return KubeRequest(
            .create, path: "/apis/events.k8s.io/v1/namespaces/\(percentEncoded(namespace))/events",
            body: ByteBuffer(string: json(post, namespace: namespace, name: name)))
    }

    private func json(_ post: EventPost, namespace: String, name: String) -> String {
        let report = post.report
        let regarding = JSONText.object([
            ("apiVersion", .string(report.regarding.apiVersion)), ("kind", .string(report.regarding.kind)),
            ("namespace", .string(report.regarding.namespace)), ("name", .string(report.regarding.name)),
            ("uid", .string(report.regarding.uid)),
        ])
        var fields: [(String, JSONText)] = [
            ("apiVersion", .string("events.k8s.io/v1")), ("kind", .string("Event")),
            ("metadata", .object([("name", .string(name)), ("namespace", .string(namespace))])),
            ("eventTime", .string(Timestamp.text(microseconds: post.firstSeen))),
            ("reportingController", .string(controller)), ("reportingInstance", .string(instance)),
            ("type", .string(report.severity.rawValue)), ("reason", .string(report.reason)),
            ("action", .string(report.action)), ("note", .string(String(report.note.prefix(1024)))),
            ("regarding", regarding),
        ]
        if let series = post.series {
            let last = Timestamp.text(microseconds: series.lastSeen)
            fields.append(("series", .object([("count", .number(series.count)), ("lastObservedTime", .string(last))])))
        }
        return JSONText.object(fields).text
    }
}
