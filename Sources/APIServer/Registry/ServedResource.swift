import KubeAPI
import KubeSchema
import StoreCore

/// A resource of one group and version with all that is needed to serve it.
public struct ServedResource: Sendable {
    public var definition: ResourceDefinition
    public var schema: Schema
    public var type: TypeReference
    public var strategy: any ObjectStrategy
    /// Of the stored form.
    public var storageAPIVersion: String
    /// Between the stored form and this version, when they differ in more than apiVersion.
    public var conversion: (any VersionConversion)?
    /// Which field selectors there are, and what they read.
    public var fieldLabel: @Sendable (String) -> FieldLabel?
    /// The version of a CustomResourceDefinition that it comes from; nil for a built-in kind.
    public var custom: CustomResourceDefinition.Version?
    /// The status of a new object; nil where an object without one has no such member.
    let newStatus: JSONValue?

    public init(
        _ definition: ResourceDefinition, schema: Schema, type: TypeReference,
        strategy: any ObjectStrategy = PlainStrategy(), storageAPIVersion: String? = nil,
        fieldLabel: @escaping @Sendable (String) -> FieldLabel?
    ) {
        self.definition = definition
        self.schema = schema
        self.type = type
        self.strategy = strategy
        self.storageAPIVersion = storageAPIVersion ?? definition.apiVersion
        self.fieldLabel = fieldLabel
        newStatus = (try? schema.normalize(.emptyObject, as: type))?.value["status"]
    }

    /// Items of a list name their kind: custom resources do.
    public var isCustom: Bool { custom != nil }

    public var isStored: Bool { !definition.storePrefix.isEmpty }

    var isStoredAsServed: Bool { storageAPIVersion == definition.apiVersion }

    // MARK: Keys

    func key(namespace: String, name: String) -> Bytes {
        let path = definition.isNamespaced ? "/\(namespace)/\(name)" : "/\(name)"
        return Array((definition.storePrefix + path).utf8)
    }

    /// Of a namespace, or of all when it is empty.
    func range(namespace: String) -> KeyRange {
        let path = definition.isNamespaced && !namespace.isEmpty ? "/\(namespace)/" : "/"
        return KeyRange(prefix: Array((definition.storePrefix + path).utf8))
    }

    /// Namespace and name of a key of this resource.
    func names(of key: Bytes) -> (namespace: String, name: String) {
        let parts = key.dropFirst(definition.storePrefix.utf8.count + 1).split(separator: UInt8(ascii: "/"))
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        return definition.isNamespaced ? (texts.first ?? "", texts.last ?? "") : ("", texts.last ?? "")
    }
}

/// From the stored form of a kind to another of its versions and back; both keep what the other side cannot say.
public protocol VersionConversion: Sendable {
    func toServed(_ object: inout JSONValue)
    func toStored(_ object: inout JSONValue)
}
