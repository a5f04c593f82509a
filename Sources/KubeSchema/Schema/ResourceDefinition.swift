/// A resource as it is served in one group and version: a row of discovery.
public struct ResourceDefinition: Sendable {
    public struct Subresource: Sendable {
        public var name: String
        /// The kind it reads and writes, which may be of another group: `autoscaling/v1` `Scale`.
        public var group: String
        public var version: String
        public var kind: String
        public var verbs: [String]

        public init(name: String, group: String, version: String, kind: String, verbs: [String]) {
            self.name = name
            self.group = group
            self.version = version
            self.kind = kind
            self.verbs = verbs
        }
    }

    /// Empty for the core group.
    public var group: String
    public var version: String
    /// Lower-case plural, as in paths.
    public var resource: String
    public var singular: String
    public var kind: String
    public var listKind: String
    public var isNamespaced: Bool
    public var verbs: [String]
    public var shortNames: [String] = []
    public var categories: [String] = []
    public var subresources: [Subresource] = []
    /// The group's preferred version.
    public var isPreferredVersion = true
    public var storageVersion = ""
    public var storageVersionHash = ""
    /// Where the store keeps its objects, such as `/registry/services/specs`; empty for one that is not stored.
    public var storePrefix = ""
    /// The full name of its type in the schema.
    public var typeName: String
    /// PUT creates what is not there.
    public var createsOnUpdate = false
    /// PUT without resourceVersion is allowed.
    public var updatesUnconditionally = true
    /// The server counts changes of the specification in metadata.generation.
    public var hasGeneration = false

    public init(
        group: String, version: String, resource: String, singular: String, kind: String, listKind: String,
        isNamespaced: Bool, verbs: [String], typeName: String
    ) {
        self.group = group
        self.version = version
        self.resource = resource
        self.singular = singular
        self.kind = kind
        self.listKind = listKind
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.typeName = typeName
    }

    /// `v1` or `apps/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
}
