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
        // Events about cluster-scoped objects live in the default namespace.
        let subject = post.report.regarding
        let namespace = subject.namespace.isEmpty ? "default" : subject.namespace
        let name = "\(subject.name).\(String(now * 1000, radix: 16))"
        return KubeRequest(
            .create, path: "/apis/events.k8s.io/v1/namespaces/\(percentEncoded(namespace))/events",
            body: ByteBuffer(string: json(post, namespace: namespace, name: name)))
    }

    private func json(_ post: EventPost, namespace: String, name: String) -> String {
        let (report, subject) = (post.report, post.report.regarding)
        let regarding: [JSONObject.Member] = [
            .init("apiVersion", .string(subject.apiVersion)), .init("kind", .string(subject.kind)),
            .init("namespace", .string(subject.namespace)), .init("name", .string(subject.name)),
            .init("uid", .string(subject.uid)),
        ]
        var event: [JSONObject.Member] = [
            .init("apiVersion", "events.k8s.io/v1"), .init("kind", "Event"),
            .init("metadata", ["name": .string(name), "namespace": .string(namespace)]),
            .init("eventTime", Self.time(post.firstSeen)),
            .init("reportingController", .string(controller)), .init("reportingInstance", .string(instance)),
            .init("type", .string(report.severity.rawValue)), .init("reason", .string(report.reason)),
            .init("action", .string(report.action)), .init("note", .string(String(report.note.prefix(1024)))),
            // Kubernetes leaves empty fields out.
            .init("regarding", .object(JSONObject(regarding.filter { $0.value != "" }))),
        ]
        if let series = post.series {
            event.append(
                .init(
                    "series",
                    ["count": .integer(Int64(series.count)), "lastObservedTime": Self.time(series.lastSeen)]))
        }
        return JSONWriter.text(.object(JSONObject(event)))
    }

    /// `metav1.MicroTime`
    private static func time(_ microseconds: Int) -> JSONValue {
        .string(RFC3339.text(nanoseconds: Int64(microseconds) * 1000))
    }
}
