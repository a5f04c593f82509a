import KubeAPI
import Logging

/// Posts core/v1 Events, which kubectl describe shows, and counts repetitions on the Event that is there already.
/// Reporting never waits: when the queue is full the newest report is dropped.
public final class EventRecorder: Sendable {
    private static let queueLength = 4096
    private static let resource = GroupVersionResource(resource: "events")

    private let client: KubeClient
    private let component: String
    private let logger: Logger
    private let queue: AsyncStream<EventReport>
    private let entrance: AsyncStream<EventReport>.Continuation

    /// `component` says who reports, such as `replicaset-controller`.
    public init(client: KubeClient, component: String, logger: Logger) {
        self.client = client
        self.component = component
        self.logger = logger
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLength))
    }

    public func report(_ report: EventReport) { entrance.yield(report) }

    /// Posts what is reported until the task is cancelled.
    public func run() async {
        var correlator = EventCorrelator()
        var names: [EventCorrelator.Identity: NamespacedName] = [:]
        for await report in queue {
            let now = WallClock.now()
            guard let outcome = correlator.admit(report, at: now) else { continue }
            do throws(ClientError) {
                try await post(report, outcome, &names, now)
            } catch {
                if case .count(let identity, _) = outcome, error.isNotFound { correlator.lost(identity) }
                if case .cancelled = error { return }
                logger.debug("event not posted", metadata: ["reason": "\(report.reason)", "error": "\(error)"])
            }
        }
    }

    private func post(
        _ report: EventReport, _ outcome: EventCorrelator.Outcome,
        _ names: inout [EventCorrelator.Identity: NamespacedName], _ now: Int64
    ) async throws(ClientError) {
        switch outcome {
        case .count(let identity, let count):
            guard let key = names[identity] else { return }
            try await client.patch(Self.resource, key, .merge, Self.counted(identity, report, count, now))
        case .create(let identity):
            if names.count > 8192 { names = [:] }
            let event = event(report, identity, now)
            names[identity] = event.key
            try await client.create(Self.resource, event.json, namespace: event.key.namespace)
        }
    }

    private static func note(_ identity: EventCorrelator.Identity, _ report: EventReport) -> String {
        let note = identity.note == report.note ? report.note : identity.note + report.note
        return String(note.prefix(1000))
    }

    private static func counted(
        _ identity: EventCorrelator.Identity, _ report: EventReport, _ count: Int, _ now: Int64
    ) -> JSONValue {
        [
            "count": .integer(Int64(count)), "message": .string(note(identity, report)),
            "lastTimestamp": .string(RFC3339.text(nanoseconds: now, .seconds)),
        ]
    }

    private func event(
        _ report: EventReport, _ identity: EventCorrelator.Identity, _ now: Int64
    ) -> (key: NamespacedName, json: JSONValue) {
        let subject = report.regarding
        let key = NamespacedName(
            namespace: subject.namespace.isEmpty ? "default" : subject.namespace,
            name: "\(subject.name).\(String(now, radix: 16))")
        let time = JSONValue.string(RFC3339.text(nanoseconds: now, .seconds))
        let regarded = [
            ("apiVersion", subject.apiVersion), ("kind", subject.kind), ("namespace", subject.namespace),
            ("name", subject.name), ("uid", subject.uid),
        ].filter { !$0.1.isEmpty }.map { JSONObject.Member($0.0, .string($0.1)) }
        let json: JSONValue = [
            "apiVersion": "v1", "kind": "Event",
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
            "involvedObject": .object(JSONObject(regarded)), "reason": .string(report.reason),
            "message": .string(Self.note(identity, report)), "type": .string(report.severity.rawValue),
            "source": ["component": .string(component)], "firstTimestamp": time, "lastTimestamp": time, "count": 1,
            "reportingComponent": .string(component), "reportingInstance": "",
        ]
        return (key, json)
    }
}
