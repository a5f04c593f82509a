import KubeAPI
import KubeSchema

/// PATCH in its four kinds.
struct PatchHandler: Sendable {
    enum Kind: String, CaseIterable {
        case json = "application/json-patch+json"
        case merge = "application/merge-patch+json"
        case strategic = "application/strategic-merge-patch+json"
        case apply = "application/apply-patch+yaml"
    }

    let registry: Registry
    let request: APIRequest

    private var served: ServedResource { request.served }

    func run() async throws -> HTTPResponse {
        let kind = try kind()
        let patch = try parse()
        if kind == .apply { return try await apply(patch) }
        var update = ObjectUpdate(
            namespace: request.info.namespace, name: request.info.name, subresource: request.info.subresource
        ) { [self] old in
            try patched(old, with: patch, kind)
        }
        update.isPatch = true
        update.options = request.options("PatchOptions")
        let (stored, _) = try await registry.update(update, served, request.context)
        return try request.answer(stored)
    }

    private func kind() throws(Status) -> Kind {
        let type = MediaType(parsing: request.http.headers.first(name: "content-type") ?? "")
        let kinds = Kind.allCases.filter { !(served.isCustom && $0 == .strategic) }
        guard let kind = kinds.first(where: { $0.rawValue == type.name }) else {
            throw .unsupportedMediaType(kinds.map(\.rawValue))
        }
        return kind
    }

    private func parse() throws(Status) -> JSONValue {
        do {
            return try JSONParser.parse(request.http.body)
        } catch {
            throw .badRequest("error decoding patch: \(error)")
        }
    }

    func patched(_ old: JSONValue, with patch: JSONValue, _ kind: Kind) throws -> JSONValue {
        let patched: JSONValue
        do {
            switch kind {
            case .json: patched = try JSONPatch.apply(patch, to: old)
            case .merge: patched = try MergePatch.apply(patch, to: old)
            case .strategic, .apply:
                patched = try StrategicMergePatch(schema: served.schema).apply(patch, to: old, as: served.type)
            }
        } catch {
            throw error.status
        }
        return try BodyDecoder(request: request).canonical(patched)
    }

    private func apply(_ patch: JSONValue) async throws -> HTTPResponse {
        throw Status.unsupportedMediaType(Kind.allCases.filter { $0 != .apply }.map(\.rawValue))
    }
}
