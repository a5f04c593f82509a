import KubeAPI
import KubeSchema
import StoreCore

/// Reads other objects than the one that a request is about, at the store's latest revision.
public struct StoredObjects: ObjectSource {
    private let store: any Store

    public init(_ store: any Store) { self.store = store }

    public func object(_ prefix: String, namespace: String, name: String) async throws -> JSONValue? {
        try await get(prefix, namespace: namespace, name: name)
    }

    /// `resource` is a store prefix such as `/registry/namespaces`; an empty namespace for cluster-scoped objects. With
    /// its resourceVersion; nil when there is none.
    func get(_ resource: String, namespace: String = "", name: String) async throws -> JSONValue? {
        try await stored(resource, namespace: namespace, name: name)?.object
    }

    struct Stored: Sendable {
        let object: JSONValue
        let keyValue: KeyValue
    }

    func stored(_ resource: String, namespace: String = "", name: String) async throws -> Stored? {
        guard !name.isEmpty, !name.contains("/"), !namespace.contains("/") else { return nil }
        let key = Bytes("\(resource)/\(namespace.isEmpty ? "" : "\(namespace)/")\(name)".utf8)
        let found = try await store.range(RangeQuery(KeyRange(key: key))).result.keyValues.first
        return try found.map(Self.parsed)
    }

    /// Everything of a resource, or of one namespace of it.
    func list(_ resource: String, namespace: String = "") async throws -> [Stored] {
        let prefix = Bytes("\(resource)/\(namespace.isEmpty ? "" : "\(namespace)/")".utf8)
        return try await store.range(RangeQuery(KeyRange(prefix: prefix))).result.keyValues.map(Self.parsed)
    }

    private static func parsed(_ keyValue: KeyValue) throws -> Stored {
        var object = try JSONParser.parse(keyValue.value)
        object[path: "metadata", "resourceVersion"] = .string("\(keyValue.modRevision)")
        return Stored(object: object, keyValue: keyValue)
    }
}

/// Store prefixes of what admission and upkeep read.
enum StorePrefix {
    static let namespaces = "/registry/namespaces"
    static let serviceAccounts = "/registry/serviceaccounts"
    static let limitRanges = "/registry/limitranges"
    static let resourceQuotas = "/registry/resourcequotas"
    static let priorityClasses = "/registry/priorityclasses"
    static let runtimeClasses = "/registry/runtimeclasses"
    static let storageClasses = "/registry/storageclasses"
    static let ingressClasses = "/registry/ingressclasses"
    static let serviceCIDRs = "/registry/servicecidrs"
    static let nodes = "/registry/minions"
    static let pods = "/registry/pods"
    static let customResourceDefinitions = "/registry/apiextensions.k8s.io/customresourcedefinitions"
    static let priorityLevels = "/registry/prioritylevelconfigurations"
}
