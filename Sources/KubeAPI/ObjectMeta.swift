/// The part of `metav1.ObjectMeta` that Apus reads.
public struct ObjectMeta: Sendable, Hashable {
    public var name: String
    public var namespace: String
    public var uid: String
    public var resourceVersion: String
    public var creationTimestamp: String
    /// Non-nil once deletion has been asked for.
    public var deletionTimestamp: String?
    public var labels: [String: String]
    public var annotations: [String: String]

    public init(
        name: String, namespace: String = "", uid: String = "", resourceVersion: String = "",
        creationTimestamp: String = "", deletionTimestamp: String? = nil, labels: [String: String] = [:],
        annotations: [String: String] = [:]
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.creationTimestamp = creationTimestamp
        self.deletionTimestamp = deletionTimestamp
        self.labels = labels
        self.annotations = annotations
    }

    public var key: NamespacedName { NamespacedName(namespace: namespace, name: name) }
}

/// `namespace/name`; cluster-scoped objects have an empty namespace.
public struct NamespacedName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let namespace: String
    public let name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    public static func < (a: NamespacedName, b: NamespacedName) -> Bool {
        a.namespace != b.namespace ? a.namespace < b.namespace : a.name < b.name
    }
}
