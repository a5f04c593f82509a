/// An object of any kind as a tree, with what every controller asks of its metadata at hand.
public struct APIObject: DecodableObject, Hashable {
    public private(set) var json: JSONValue
    public let key: NamespacedName
    public let uid: String

    /// The object must have a name.
    public init(json: JSONValue) throws(DecodingFailure) {
        guard let key = ObjectIdentity(json).key else { throw DecodingFailure("metadata.name", "required") }
        self.json = json
        self.key = key
        uid = json["metadata"]?["uid"]?.string ?? ""
    }

    /// A new tree for the same object.
    public init(_ object: APIObject, json: JSONValue) {
        self = object
        self.json = json
    }

    public var name: String { key.name }
    public var namespace: String { key.namespace }

    /// A member of the object: `spec`, `status` and so on.
    public subscript(member: String) -> JSONValue? {
        get { json[member] }
        set { json[path: member] = newValue }
    }

    public subscript(path keys: String...) -> JSONValue? {
        get { json[path: keys[...]] }
        set { json[path: keys[...]] = newValue }
    }

    public var metadata: JSONValue? { json["metadata"] }
    public var spec: JSONValue? { json["spec"] }
    public var status: JSONValue? { json["status"] }
    public var resourceVersion: String { metadata?["resourceVersion"]?.string ?? "" }
    public var generation: Int64 { metadata?["generation"]?.integer ?? 0 }
    public var kind: String { json["kind"]?.string ?? "" }
    public var apiVersion: String { json["apiVersion"]?.string ?? "" }

    /// metadata.labels as a tree; nil without any.
    public var labels: JSONValue? { metadata?["labels"] }
    public func label(_ key: String) -> String? { labels?[key]?.string }
    public func annotation(_ key: String) -> String? { metadata?["annotations"]?[key]?.string }

    public var finalizers: [String] { metadata?["finalizers"]?.array?.compactMap(\.string) ?? [] }
    /// True once deletion has been asked for.
    public var isBeingDeleted: Bool { deletionTimestamp != nil }
    public var deletionTimestamp: String? { metadata?["deletionTimestamp"]?.string }
    public var creationTimestamp: String { metadata?["creationTimestamp"]?.string ?? "" }

    public var ownerReferences: [OwnerReference] {
        metadata?["ownerReferences"]?.array?.map(OwnerReference.init) ?? []
    }

    /// The owner that manages it; at most one does.
    public var controller: OwnerReference? { ownerReferences.first { $0.isController } }
}

/// metav1.OwnerReference.
public struct OwnerReference: Sendable, Hashable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var isController: Bool
    public var blocksOwnerDeletion: Bool

    public init(
        apiVersion: String, kind: String, name: String, uid: String, isController: Bool = true,
        blocksOwnerDeletion: Bool = true
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
        self.blocksOwnerDeletion = blocksOwnerDeletion
    }

    public init(_ json: JSONValue) {
        self.init(
            apiVersion: json["apiVersion"]?.string ?? "", kind: json["kind"]?.string ?? "",
            name: json["name"]?.string ?? "", uid: json["uid"]?.string ?? "",
            isController: json["controller"]?.bool ?? false,
            blocksOwnerDeletion: json["blockOwnerDeletion"]?.bool ?? false)
    }

    public var json: JSONValue {
        var members: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
        ]
        if isController { members[path: "controller"] = true }
        if blocksOwnerDeletion { members[path: "blockOwnerDeletion"] = true }
        return members
    }
}
