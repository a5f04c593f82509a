import KubeAPI

/// A CustomResourceDefinition read once: the resources it brings and what each of its versions looks like.
public struct CustomResourceDefinition: Sendable {
    public struct Version: Sendable {
        public let name: String
        public let isServed: Bool
        public let isStored: Bool
        public let schema: StructuralSchema
        /// The schema as it was given, for OpenAPI.
        public let openAPISchema: JSONValue
        public let hasStatus: Bool
        public let scale: Scale?
        public let columns: [Column]
        /// Field selectors besides name and namespace, such as `spec.color`.
        public let selectableFields: [String]
        /// The warning for clients of a deprecated version.
        public internal(set) var deprecationWarning: String?
    }

    public struct Scale: Sendable {
        public let specReplicas: FieldQuery
        public let statusReplicas: FieldQuery
        public let labelSelector: FieldQuery?
    }

    public struct Column: Sendable {
        public let name: String
        /// `integer`, `number`, `string`, `boolean` or `date`.
        public let type: String
        public let format: String
        public let description: String
        /// Above 0 only with `-o wide`.
        public let priority: Int64
        public let query: FieldQuery?
    }

    public let name: String
    public let uid: String
    public let group: String
    public let plural: String
    public let singular: String
    public let kind: String
    public let listKind: String
    public let shortNames: [String]
    public let categories: [String]
    public let isNamespaced: Bool
    public let versions: [Version]
    public let isBeingDeleted: Bool

    /// `object` is a CustomResourceDefinition that has been validated and defaulted.
    public init(_ object: JSONValue) {
        let spec = object["spec"] ?? .null
        let names = spec["names"] ?? .null
        name = object[path: "metadata", "name"]?.string ?? ""
        uid = object[path: "metadata", "uid"]?.string ?? ""
        group = spec["group"]?.string ?? ""
        plural = names["plural"]?.string ?? ""
        kind = names["kind"]?.string ?? ""
        singular = names["singular"]?.string ?? kind.lowercased()
        listKind = names["listKind"]?.string ?? kind + "List"
        shortNames = names["shortNames"]?.array?.compactMap(\.string) ?? []
        categories = names["categories"]?.array?.compactMap(\.string) ?? []
        isNamespaced = spec["scope"]?.string != "Cluster"
        versions = Self.versions(spec["versions"]?.array ?? [], group: group, kind: kind)
        isBeingDeleted = object[path: "metadata", "deletionTimestamp"] != nil
    }

    private static func versions(_ list: [JSONValue], group: String, kind: String) -> [Version] {
        var versions = list.map(Version.init)
        let current = versions.filter { $0.isServed && $0.deprecationWarning == nil }.map(\.name)
        for index in versions.indices where versions[index].deprecationWarning == "" {
            let name = versions[index].name
            let newer = current.map(VersionOrder.init).min().flatMap { $0 < VersionOrder(name) ? $0.name : nil }
            versions[index].deprecationWarning =
                "\(group)/\(name) \(kind) is deprecated" + (newer.map { "; use \(group)/\($0) \(kind)" } ?? "")
        }
        return versions
    }

    public var storedVersion: Version? { versions.first(where: \.isStored) }

    /// What discovery and the router need, for each served version. The first is the preferred one: stable before
    /// beta before alpha, newer before older.
    public var resources: [ResourceDefinition] {
        let served = versions.filter(\.isServed).sorted { VersionOrder($0.name) < VersionOrder($1.name) }
        return served.enumerated().map { index, version in resource(version, isPreferred: index == 0) }
    }

    private static let verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]

    private func resource(_ version: Version, isPreferred: Bool) -> ResourceDefinition {
        var resource = ResourceDefinition(
            group: group, version: version.name, resource: plural, singular: singular, kind: kind, listKind: listKind,
            isNamespaced: isNamespaced, verbs: Self.verbs, typeName: "\(group).\(version.name).\(kind)")
        resource.shortNames = shortNames
        resource.categories = categories
        resource.isPreferredVersion = isPreferred
        resource.storageVersion = storedVersion?.name ?? version.name
        resource.storePrefix = "/registry/\(group)/\(plural)"
        resource.updatesUnconditionally = false
        resource.hasGeneration = true
        if version.hasStatus {
            resource.subresources.append(
                .init(
                    name: "status", group: group, version: version.name, kind: kind, verbs: ["get", "patch", "update"]))
        }
        if version.scale != nil {
            resource.subresources.append(
                .init(
                    name: "scale", group: "autoscaling", version: "v1", kind: "Scale",
                    verbs: ["get", "patch", "update"]))
        }
        return resource
    }
}

extension CustomResourceDefinition.Version {
    fileprivate init(_ json: JSONValue) {
        name = json["name"]?.string ?? ""
        isServed = json["served"]?.bool ?? false
        isStored = json["storage"]?.bool ?? false
        openAPISchema = json[path: "schema", "openAPIV3Schema"] ?? .emptyObject
        schema = StructuralSchema(openAPISchema)
        hasStatus = json[path: "subresources", "status"] != nil
        scale = json[path: "subresources", "scale"].flatMap(CustomResourceDefinition.Scale.init)
        let columns = (json["additionalPrinterColumns"]?.array ?? []).map(CustomResourceDefinition.Column.init)
        self.columns =
            columns.isEmpty
            ? [
                CustomResourceDefinition.Column([
                    "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp",
                ])
            ]
            : columns
        selectableFields = (json["selectableFields"]?.array ?? []).compactMap { field in
            field["jsonPath"]?.string.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
        }
        deprecationWarning = json["deprecated"]?.bool == true ? json["deprecationWarning"]?.string ?? "" : nil
    }
}

extension CustomResourceDefinition.Scale {
    fileprivate init?(_ json: JSONValue) {
        guard let spec = json["specReplicasPath"]?.string.flatMap(FieldQuery.init),
            let status = json["statusReplicasPath"]?.string.flatMap(FieldQuery.init)
        else { return nil }
        specReplicas = spec
        statusReplicas = status
        labelSelector = json["labelSelectorPath"]?.string.flatMap(FieldQuery.init)
    }
}

extension CustomResourceDefinition.Column {
    fileprivate init(_ json: JSONValue) {
        name = json["name"]?.string ?? ""
        type = json["type"]?.string ?? "string"
        format = json["format"]?.string ?? ""
        description = json["description"]?.string ?? ""
        priority = json["priority"]?.integer ?? 0
        query = json["jsonPath"]?.string.flatMap(FieldQuery.init)
    }
}
