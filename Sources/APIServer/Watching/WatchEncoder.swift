import KubeAPI
import KubeSchema
import StoreCore

/// Frames of a watch.
struct WatchEncoder: Sendable {
    enum EventType: String, Sendable, Hashable { case added = "ADDED", modified = "MODIFIED", deleted = "DELETED" }

    let encoder: ObjectEncoder

    private var definition: ResourceDefinition { encoder.served.definition }
    private var form: OutputForm { encoder.form }

    /// `keyValue`: the state to show. `revision`: of the change. `isFirst`: a table names its columns.
    func frame(_ type: EventType, _ keyValue: KeyValue, revision: Revision, isFirst: Bool) throws -> [UInt8] {
        if encoder.isPassThrough {
            var bytes = Array("{\"type\":\"\(type.rawValue)\",\"object\":".utf8)
            bytes.reserveCapacity(keyValue.value.count + 128)
            encoder.stored.append(keyValue, revision: revision, to: &bytes)
            bytes += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
            return bytes
        }
        let object = try encoder.stored.tree(keyValue, revision: revision)
        return try frame(type.rawValue, shaped(object, showsColumns: isFirst))
    }

    private func shaped(_ object: JSONValue, showsColumns: Bool) -> JSONValue {
        switch form.shape {
        case .object: return object
        case .partialMetadata(let version): return PartialMetadata.object(object, version)
        case .table(let version):
            let rows = TableRows(encoder.served, version: version, now: encoder.now, includes: encoder.rowObjects)
            return rows.table(
                [object], metadata: ["resourceVersion": .string(object.meta("resourceVersion"))],
                showsColumns: showsColumns)
        }
    }

    /// Nothing up to `revision` is missing.
    func bookmark(_ revision: Revision, endsInitialEvents: Bool) throws -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(revision)), "creationTimestamp": .null]
        if endsInitialEvents { metadata[path: "annotations"] = ["k8s.io/initial-events-end": "true"] }
        let object: JSONValue = [
            "kind": .string(definition.kind), "apiVersion": .string(definition.apiVersion), "metadata": metadata,
        ]
        switch form.shape {
        case .object: return try frame("BOOKMARK", object)
        case .partialMetadata(let version):
            return try frame("BOOKMARK", PartialMetadata.object(object, version))
        case .table(let version):
            let rows = TableRows(encoder.served, version: version, now: encoder.now, includes: encoder.rowObjects)
            return try frame(
                "BOOKMARK",
                rows.table([object], metadata: ["resourceVersion": .string(String(revision))], showsColumns: false))
        }
    }

    func error(_ status: Status) throws -> [UInt8] { try frame("ERROR", status.json) }

    /// A `WatchEvent`; in protobuf with its length before it, in JSON on a line of its own.
    private func frame(_ type: String, _ object: JSONValue) throws -> [UInt8] {
        switch form.format {
        case .json:
            return JSONWriter.bytes(["type": .string(type), "object": object]) + [UInt8(ascii: "\n")]
        case .yaml:
            return Array("---\n".utf8) + YAMLText.bytes(["type": .string(type), "object": object])
        case .protobuf:
            return try Protobuf.watchFrame(type, object)
        }
    }
}
