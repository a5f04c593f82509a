/// An Event (events.k8s.io/v1) as a proxy writes it.
public struct Event: Sendable, Hashable {
    public enum Severity: String, Sendable, CaseIterable {
        case normal = "Normal"
        case warning = "Warning"
    }

    public struct Reference: Sendable, Hashable {
        public var apiVersion: String
        public var kind: String
        public var key: NamespacedName
        public var uid: String

        public init(apiVersion: String, kind: String, key: NamespacedName, uid: String = "") {
            self.apiVersion = apiVersion
            self.kind = kind
            self.key = key
            self.uid = uid
        }

        public init<Object: KubeObject>(_ object: Object) {
            let metadata = object.metadata
            self.init(
                apiVersion: Object.resource.apiVersion, kind: Object.kind, key: metadata.key, uid: metadata.uid)
        }
    }

    /// Namespace and name of the Event itself.
    public var key: NamespacedName
    public var regarding: Reference
    public var severity: Severity
    /// Why, in CamelCase.
    public var reason: String
    /// What was being done, in CamelCase.
    public var action: String
    /// For people; at most 1024 bytes are written, which is what the server takes.
    public var note: String
    /// Such as `kube-proxy`.
    public var reportingController: String
    /// Such as the node's name.
    public var reportingInstance: String
    /// When it was first seen, in nanoseconds since 1970.
    public var firstSeen: Int64
    /// When it was last seen, in nanoseconds since 1970.
    public var lastSeen: Int64
    /// How often it was seen.
    public var count: Int32

    public init(
        key: NamespacedName, regarding: Reference, severity: Severity, reason: String, action: String, note: String,
        reportingController: String, reportingInstance: String, firstSeen: Int64, lastSeen: Int64? = nil,
        count: Int32 = 1
    ) {
        self.key = key
        self.regarding = regarding
        self.severity = severity
        self.reason = reason
        self.action = action
        self.note = note
        self.reportingController = reportingController
        self.reportingInstance = reportingInstance
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen ?? firstSeen
        self.count = count
    }

    /// The collection to post to.
    public var path: String { GroupVersionResource.events.path(namespace: key.namespace) }

    public var json: JSONValue {
        var members: [JSONObject.Member] = [
            .init("apiVersion", .string(GroupVersionResource.events.apiVersion)), .init("kind", "Event"),
            .init("metadata", ["name": .string(key.name), "namespace": .string(key.namespace)]),
            .init("eventTime", .string(RFC3339.text(nanoseconds: firstSeen))),
            .init("type", .string(severity.rawValue)), .init("reason", .string(reason)),
            .init("action", .string(action)), .init("reportingInstance", .string(reportingInstance)),
            .init("regarding", regarding.json), .init("note", .string(shortNote)),
            .init("reportingController", .string(reportingController)),
        ]
        // A series of one is refused.
        if count > 1 {
            let time = JSONValue.string(RFC3339.text(nanoseconds: lastSeen))
            members.append(.init("series", ["count": .integer(Int64(count)), "lastObservedTime": time]))
        }
        return .object(JSONObject(members))
    }

    private var shortNote: String {
        guard note.utf8.count > 1024 else { return note }
        var short = String.UnicodeScalarView()
        var length = 0
        for scalar in note.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= 1024 else { break }
            short.append(scalar)
        }
        return String(short)
    }
}

extension Event.Reference {
    fileprivate var json: JSONValue {
        let fields = [
            ("apiVersion", apiVersion), ("kind", kind), ("namespace", key.namespace), ("name", key.name), ("uid", uid),
        ]
        return .object(JSONObject(fields.filter { !$0.1.isEmpty }.map { .init($0.0, .string($0.1)) }))
    }
}
