import KubeAPI
import StoreCore

/// How the objects of a resource lie in the store: compact JSON without metadata.resourceVersion that begins with kind,
/// apiVersion and metadata, so that a reader gets the object by writing the version in, without parsing.
struct StoredForm: Sendable {
    /// `{"kind":"K","apiVersion":"G/V","metadata":{`
    let head: Bytes
    /// The same for the version that is served.
    let servedHead: Bytes
    private let served: ServedResource

    init(_ served: ServedResource) {
        self.served = served
        let kind = served.definition.kind
        head = Self.head(kind, served.storageAPIVersion)
        servedHead = Self.head(kind, served.definition.apiVersion)
    }

    private static func head(_ kind: String, _ apiVersion: String) -> Bytes {
        Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":{".utf8)
    }

    /// Whether objects can be served without being parsed.
    var isSpliceable: Bool { served.conversion == nil }

    // MARK: Reading

    /// Appends the object as it is served. `revision`: of a deletion's event; else the value's own. `namesKind` false
    /// leaves kind and apiVersion out, as in lists.
    func append(_ keyValue: KeyValue, revision: Revision? = nil, namesKind: Bool = true, to bytes: inout Bytes) {
        guard isSpliceable, keyValue.value.starts(with: head) else {
            // Written by another program, or in another form.
            guard let object = try? tree(keyValue, revision: revision) else { return }
            bytes += JSONWriter.bytes(object)
            return
        }
        bytes += namesKind ? servedHead[...] : Self.metadataHead[...]
        bytes += Self.versionHead
        bytes += String(revision ?? keyValue.modRevision).utf8
        bytes += Self.versionTail
        bytes += keyValue.value[head.count...]
    }

    private static let metadataHead = Array("{\"metadata\":{".utf8)
    private static let versionHead = Array("\"resourceVersion\":\"".utf8)
    private static let versionTail = Array("\",".utf8)

    /// The object as it is served, with its resourceVersion.
    func tree(_ keyValue: KeyValue, revision: Revision? = nil, leavingOut: String? = nil) throws -> JSONValue {
        var object: JSONValue
        do {
            object = try JSONParser.parse(keyValue.value, leavingOut: leavingOut)
        } catch {
            throw Status.internalError(
                "the stored value of \(String(decoding: keyValue.key, as: UTF8.self)) is no JSON: \(error)")
        }
        object[path: "apiVersion"] = .string(served.definition.apiVersion)
        object.setResourceVersion(String(revision ?? keyValue.modRevision))
        served.conversion?.toServed(&object)
        return object
    }

    // MARK: Writing

    /// `object` in the served version.
    func bytes(_ object: JSONValue) -> Bytes {
        var object = object
        served.conversion?.toStored(&object)
        guard case .object(let given) = object else { return [] }
        var metadata = given["metadata"] ?? .emptyObject
        metadata[path: "resourceVersion"] = nil
        let rest = given.members.filter { !["kind", "apiVersion", "metadata"].contains($0.key) }
        return JSONWriter.bytes(
            .object(
                JSONObject(
                    [
                        .init("kind", .string(served.definition.kind)),
                        .init("apiVersion", .string(served.storageAPIVersion)), .init("metadata", metadata),
                    ] + rest)))
    }
}

extension JSONValue {
    /// Where upstream writes it: behind name, generateName, namespace, selfLink and uid.
    mutating func setResourceVersion(_ version: String) {
        guard var metadata = self["metadata"]?.object else {
            self[path: "metadata"] = ["resourceVersion": .string(version)]
            return
        }
        if metadata["resourceVersion"] != nil {
            metadata["resourceVersion"] = .string(version)
        } else {
            let before: Set = ["name", "generateName", "namespace", "selfLink", "uid"]
            let position = metadata.members.firstIndex { !before.contains($0.key) } ?? metadata.members.count
            metadata.members.insert(.init("resourceVersion", .string(version)), at: position)
        }
        self[path: "metadata"] = .object(metadata)
    }

    /// A text of metadata; empty when it is not there.
    func meta(_ field: String) -> String { self["metadata"]?[field]?.string ?? "" }

    mutating func setMeta(_ field: String, _ value: JSONValue?) { self[path: "metadata", field] = value }
}
