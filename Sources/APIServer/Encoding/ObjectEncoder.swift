import KubeAPI
import KubeSchema
import StoreCore

/// Writes objects of one resource as the client wants them.
struct ObjectEncoder: Sendable {
    let served: ServedResource
    let form: OutputForm
    let stored: StoredForm
    /// Seconds since 1970, for ages.
    let now: Int64
    /// Of a table: whether rows carry no object, its metadata, or all of it.
    var rowObjects = TableRows.IncludeObject.metadata

    init(_ served: ServedResource, _ form: OutputForm, now: Int64) {
        self.served = served
        self.form = form
        self.now = now
        stored = StoredForm(served)
    }

    /// Whether the stored bytes can be passed on without being parsed.
    var isPassThrough: Bool {
        form.format == .json && form.shape == .object && !form.isPretty && stored.isSpliceable
    }

    /// One object as an answer.
    func answer(_ keyValue: KeyValue) throws -> [UInt8] {
        if isPassThrough {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(keyValue.value.count + 64)
            stored.append(keyValue, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
            return bytes
        }
        return try answer(stored.tree(keyValue))
    }

    /// An object in the served version.
    func answer(_ object: JSONValue) throws -> [UInt8] {
        switch form.shape {
        case .object: return try WireEncoder.bytes(object, form)
        case .partialMetadata(let version):
            return try WireEncoder.bytes(PartialMetadata.object(object, version), form)
        case .table(let version):
            let rows = TableRows(served, version: version, now: now, includes: rowObjects)
            return try WireEncoder.bytes(
                rows.table([object], metadata: ["resourceVersion": .string(object.meta("resourceVersion"))]), form)
        }
    }
}

/// `PartialObjectMetadata`: an object's metadata alone.
enum PartialMetadata {
    static func object(_ object: JSONValue, _ version: String) -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": object["metadata"] ?? .emptyObject,
        ]
    }
}
