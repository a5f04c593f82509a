/// Something to tell the cluster's users, as an Event.
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

extension EventReport {
    /// About an object, without an action as core/v1 Events have none. The object's kind is given since items of lists
    /// lack theirs.
    public init(
        _ severity: Severity, _ reason: String, _ note: String, about object: APIObject, apiVersion: String,
        kind: String
    ) {
        self.init(
            severity: severity, reason: reason, action: "", note: note,
            regarding: Subject(
                apiVersion: apiVersion, kind: kind, namespace: object.namespace, name: object.name, uid: object.uid))
    }
}
