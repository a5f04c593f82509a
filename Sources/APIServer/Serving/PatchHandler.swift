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
        let patch = try parse(kind)
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

    private func parse(_ kind: Kind) throws(Status) -> JSONValue {
        do {
            return kind == .apply ? try request.yamlBody() : try JSONParser.parse(request.http.body)
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
        let decoder = BodyDecoder(request: request)
        guard kind != .strategic else { return try decoder.patched(patched, shown: GoFormat.plain(patch)) }
        let shown = { JSONWriter.text(patched) }
        let expected = BodyKind(served.definition, isCustom: served.isCustom)
        if let error = expected.error(of: patched) { throw InvalidObject([error]) }
        if let why = expected.refusal(of: patched) { throw Status.invalidPatch(shown(), why) }
        return try decoder.patched(patched, shown: shown())
    }

    /// Server-side apply (KEP-555); creates what is not there.
    private func apply(_ patch: JSONValue) async throws -> HTTPResponse {
        let configuration = try configuration(patch)
        let apply = ServerSideApply(schema: served.schema, type: served.type)
        let writer = ManagedFields.writer(served, request.context)
        let force = request.query.flag("force")
        var update = ObjectUpdate(
            namespace: request.info.namespace, name: request.info.name, subresource: request.info.subresource
        ) { [self] old in
            try BodyDecoder(request: request).patched(
                apply.applying(configuration, to: old, by: writer, force: force), shown: JSONWriter.text(patch))
        }
        if request.info.subresource.isEmpty {
            update.creation = { [self] in
                try await request.authorizeCreation()
                var created = try BodyDecoder(request: request).patched(
                    apply.applying(configuration, to: nil, by: writer, force: force), shown: JSONWriter.text(patch))
                created.setMeta("name", .string(request.info.name))
                return created
            }
        }
        update.isPatch = true
        update.options = request.options("PatchOptions")
        let (stored, isNew) = try await registry.update(update, served, request.context)
        return try request.answer(stored, status: isNew ? 201 : 200)
    }

    /// Canonical, but without defaults: only what the client says.
    private func configuration(_ patch: JSONValue) throws -> JSONValue {
        let definition = served.definition
        guard patch["apiVersion"]?.string == definition.apiVersion else {
            throw Status.badRequest(
                "Incorrect version specified in apply patch. Specified patch version: "
                    + "\(patch["apiVersion"]?.string ?? ""), expected: \(definition.apiVersion)")
        }
        guard patch["kind"]?.string == definition.kind else {
            throw Status.badRequest("an apply patch must name its kind, \(definition.kind)")
        }
        if let custom = served.custom { return try declared(custom.schema.pruned(patch)) }
        let normalized: Normalized
        do {
            normalized = try served.schema.normalize(partial: patch, as: served.type)
        } catch {
            throw Status.badRequest("error decoding the apply patch: \(error)")
        }
        return try declared(normalized)
    }

    /// Who owns a field that no schema has could never be told, whatever `fieldValidation` says (KEP-555).
    private func declared(_ configuration: Normalized) throws(Status) -> JSONValue {
        let paths = configuration.findings.compactMap { $0.wholeMatch(of: /unknown field "(.*)"/)?.output.1 }
        guard !paths.isEmpty else { return configuration.value }
        let findings = paths.map { ".\($0): field not declared in schema" }
        let list = findings.count == 1 ? findings[0] : "errors:\n" + findings.map { "  \($0)" }.joined(separator: "\n")
        let definition = served.definition
        let kind = "\(definition.group)/\(definition.version), Kind=\(definition.kind)"
        throw Status(
            code: 500, reason: "",
            message: "failed to create typed patch object "
                + "(\(request.info.namespace)/\(request.info.name); \(kind)): \(list)")
    }
}

extension Status {
    /// 422: what a patch makes is no object of the kind. `shown`: the patched object, or the patch.
    static func invalidPatch(_ shown: String, _ why: String) -> Status {
        invalid(kind: "", "", [FieldError(.invalid, "patch", .string(shown), why)])
    }
}

/// Values as Go's `%+v` prints them.
enum GoFormat {
    static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .string(let text): text
        case .array(let elements): "[\(elements.map(plain).joined(separator: " "))]"
        case .object(let object):
            "map[\(object.members.sorted { $0.key < $1.key }.map { "\($0.key):\(plain($0.value))" }.joined(separator: " "))]"
        default: JSONWriter.text(value)
        }
    }
}
