/// Which resources, kinds and field selectors there are.
public struct APICatalog: Sendable {
    /// Everything that is not a custom resource; its types are those of `Schema.builtin`.
    public static let builtin = CatalogTableParser.catalog(schema: .builtin)

    struct Key: Hashable {
        var group: String
        var version: String
        /// A resource or a kind.
        var name: String
    }

    /// In the order of discovery.
    public let resources: [ResourceDefinition]
    private let byResource: [Key: Int]
    private let byKind: [Key: Int]
    private let kinds: [Key: TypeReference]
    private let labels: [Key: [String: FieldLabel]]

    init(resources: [ResourceDefinition], kinds: [Key: TypeReference], labels: [Key: [String: FieldLabel]]) {
        func index(_ name: (ResourceDefinition) -> String) -> [Key: Int] {
            Dictionary(
                resources.enumerated().map { offset, element in
                    (Key(group: element.group, version: element.version, name: name(element)), offset)
                }, uniquingKeysWith: { first, _ in first })
        }
        self.resources = resources
        byResource = index(\.resource)
        byKind = index(\.kind)
        self.kinds = kinds
        self.labels = labels
    }

    public func resource(group: String, version: String, resource: String) -> ResourceDefinition? {
        byResource[Key(group: group, version: version, name: resource)].map { resources[$0] }
    }

    /// The resource whose objects are of that kind.
    public func resource(group: String, version: String, kind: String) -> ResourceDefinition? {
        byKind[Key(group: group, version: version, name: kind)].map { resources[$0] }
    }

    /// The type of everything that may stand at the root of a body: kinds, their lists, options, `Status`, `Scale`,
    /// `Table`, `WatchEvent`, ….
    public func type(group: String, version: String, kind: String) -> TypeReference? {
        kinds[Key(group: group, version: version, name: kind)]
            ?? (Self.everywhere.contains(kind) ? kinds[Key(group: "", version: "v1", name: kind)] : nil)
    }

    /// Registered in every group and version.
    private static let everywhere: Set = [
        "CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent",
    ]

    /// Whether the kind says itself which field selectors it has; the others have two.
    public func hasOwnFieldLabels(group: String, version: String, kind: String) -> Bool {
        labels[Key(group: group, version: version, name: kind)] != nil
    }

    /// The field selector `label` of a kind; nil when it is not supported.
    public func fieldLabel(group: String, version: String, kind: String, label: String) -> FieldLabel? {
        guard let own = labels[Key(group: group, version: version, name: kind)] else { return FieldLabel.common[label] }
        return own[label]
    }
}

/// What a field selector compares with.
public struct FieldLabel: Sendable, Hashable {
    /// Where the value stands in the stored form of the object.
    public let path: [String]
    /// The text when nothing stands there: that of Go's zero value.
    public let absent: String
    /// False for one that is accepted and matches only an empty value.
    public let isIndexed: Bool

    public init(path: String, absent: String = "", isIndexed: Bool = true) {
        self.path = path.split(separator: ".").map(String.init)
        self.absent = absent
        self.isIndexed = isIndexed
    }

    /// For kinds without labels of their own.
    static let common = [
        "metadata.name": FieldLabel(path: "metadata.name"),
        "metadata.namespace": FieldLabel(path: "metadata.namespace"),
    ]
}
