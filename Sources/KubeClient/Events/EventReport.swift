import KubeAPI

/// Something to tell the cluster's users, as an events.k8s.io/v1 Event.
public struct EventReport: Sendable, Hashable {
    public typealias Severity = Event.Severity

    public struct Subject: Sendable, Hashable {
        public var apiVersion: String
        public var kind: String
        public var namespace: String
        public var name: String
        public var uid: String

        public init(apiVersion: String, kind: String, namespace: String = "", name: String, uid: String = "") {
            self.apiVersion = apiVersion
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.uid = uid
        }
    }

    public var severity: Severity
    /// Why, in CamelCase, such as `FailedToStartServiceHealthcheck`.
    public var reason: String
    /// What was being done, in CamelCase.
    public var action: String
    public var note: String
    public var regarding: Subject

    public init(severity: Severity, reason: String, action: String, note: String, regarding: Subject) {
        self.severity = severity
        self.reason = reason
        self.action = action
        self.note = note
        self.regarding = regarding
    }
}

/// A report that is to be posted, with what was held back before it.
struct EventPost: Sendable, Equatable {
    var report: EventReport
    /// When it was first seen, in microseconds since 1970.
    var firstSeen: Int
    /// nil for a report that stands alone.
    var series: Series?

    struct Series: Sendable, Equatable {
        /// At least 2, as the API demands.
        var count: Int
        var lastSeen: Int
    }
}
