import KubeAPI
import KubeSchema
import StoreCore

/// Writes lists. Plain JSON is put together from the stored bytes, in pieces.
struct ListEncoder: Sendable {
    private static let pieceBytes = 256 << 10

    private let request: APIRequest
    private let found: ListHandler.Found
    private let encoder: ObjectEncoder

    init(_ request: APIRequest, _ found: ListHandler.Found) throws {
        self.request = request
        self.found = found
        encoder = try request.encoder()
    }

    private var definition: ResourceDefinition { request.served.definition }

    func response() throws -> HTTPResponse {
        switch request.form.shape {
        case .object where encoder.isPassThrough: return spliced()
        case .object: return request.response(try WireEncoder.bytes(list(), request.form))
        case .partialMetadata(let version):
            return request.response(try WireEncoder.bytes(partialMetadata(version), request.form))
        case .table(let version):
            let rows = TableRows(
                request.served, version: version, now: encoder.now, includes: encoder.rowObjects)
            return request.response(try WireEncoder.bytes(rows.table(trees(), metadata: metadata), request.form))
        }
    }

    private func trees() throws -> [JSONValue] { try found.keyValues.map { try encoder.stored.tree($0) } }

    private var metadata: JSONValue {
        var members: [JSONObject.Member] = [.init("resourceVersion", .string(String(found.revision)))]
        if !found.continuation.isEmpty { members.append(.init("continue", .string(found.continuation))) }
        if let remaining = found.remaining { members.append(.init("remainingItemCount", .integer(remaining))) }
        return .object(JSONObject(members))
    }

    private func list() throws -> JSONValue {
        var items = try trees()
        if !request.served.isCustom, request.form.format != .protobuf {
            for index in items.indices {
                items[index][path: "kind"] = nil
                items[index][path: "apiVersion"] = nil
            }
        }
        return [
            "kind": .string(definition.listKind), "apiVersion": .string(definition.apiVersion), "metadata": metadata,
            "items": .array(items),
        ]
    }

    private func partialMetadata(_ version: String) throws -> JSONValue {
        [
            "kind": "PartialObjectMetadataList", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
            "items": .array(
                try trees().map { object in
                    var partial = PartialMetadata.object(object, version)
                    partial[path: "kind"] = nil
                    partial[path: "apiVersion"] = nil
                    return partial
                }),
        ]
    }

    private var head: [UInt8] {
        Array(
            ("{\"kind\":\"\(definition.listKind)\",\"apiVersion\":\"\(definition.apiVersion)\",\"metadata\":"
                + JSONWriter.text(metadata) + ",\"items\":[").utf8)
    }

    private func spliced() -> HTTPResponse {
        let size = found.keyValues.reduce(head.count) { $0 + $1.value.count + 32 }
        if size <= Self.pieceBytes {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size + 256)
            bytes += head
            for index in found.keyValues.indices { append(index, to: &bytes) }
            bytes += Self.tail
            return request.response(bytes)
        }
        var response = request.response([])
        response.body = .stream(isLong: false) { [self] writer in
            var bytes = head
            for index in found.keyValues.indices {
                append(index, to: &bytes)
                if bytes.count >= Self.pieceBytes {
                    try await writer.write(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            try await writer.write(bytes + Self.tail)
        }
        return response
    }

    private static let tail = Array("]}\n".utf8)

    private func append(_ index: Int, to bytes: inout [UInt8]) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        encoder.stored.append(found.keyValues[index], namesKind: request.served.isCustom, to: &bytes)
    }
}
