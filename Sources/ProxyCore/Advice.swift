import KubeAPI

/// Something a person should know of an object: an Event, once the daemon posts it.
public struct Advice: Hashable, Sendable {
    public struct Subject: Hashable, Sendable {
        /// `Service` or `EndpointSlice`.
        public let kind: String
        public let name: NamespacedName
        /// Empty when the object has none.
        public let uid: String

        public init(kind: String, name: NamespacedName, uid: String) {
            self.kind = kind
            self.name = name
            self.uid = uid
        }
    }

    public let subject: Subject
    /// In CamelCase: `UnknownBalance`, `InvalidWeight`, `InvalidAnnotation`, `FrontendConflict`,
    /// `UnsupportedByMode`.
    public let reason: String
    public let message: String

    public init(_ subject: Subject, _ reason: String, _ message: String) {
        self.subject = subject
        self.reason = reason
        self.message = message
    }
}
