import KubeAPI
import KubeSchema

/// Bodies to canonical objects.
struct BodyDecoder {
    enum FieldValidation: String { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

    let request: APIRequest

    /// Of the resource's own kind: canonical and with defaults.
    func object() throws -> JSONValue {
        let definition = request.served.definition
        let given = try tree(definition.kind, definition.apiVersion)
        try checkKind(given.value, kind: definition.kind, apiVersion: definition.apiVersion)
        return try canonical(given.value, isDecoded: given.isCanonical)
    }

    /// Of another kind: a subresource's, or options.
    func object(group: String, version: String, kind: String, type: TypeReference) throws -> JSONValue {
        let apiVersion = group.isEmpty ? version : "\(group)/\(version)"
        let (given, isCanonical) = try tree(kind, apiVersion)
        try checkKind(given, kind: kind, apiVersion: apiVersion)
        if isCanonical { return given }
        do {
            var normalized = try Schema.builtin.normalize(given, as: type)
            try tell(normalized.findings)
            Schema.builtin.applyDefaults(&normalized.value, group: group, version: version, kind: kind)
            return normalized.value
        } catch let refusal as DecodingRefusal {
            throw Self.unreadable(kind, version, refusal)
        }
    }

    /// Fields in order, unknown ones out and told as the request wants it, and defaults.
    /// `isDecoded`: by the schema, from protobuf.
    func canonical(_ given: JSONValue, isDecoded: Bool = false) throws -> JSONValue {
        do {
            let normalized = try request.served.canonical(given, isDecoded: isDecoded)
            try tell(normalized.findings)
            return normalized.value
        } catch let refusal as DecodingRefusal {
            throw Self.unreadable(request.served.definition.kind, request.served.definition.version, refusal)
        }
    }

    private static func unreadable(_ kind: String, _ version: String, _ refusal: DecodingRefusal) -> Status {
        .badRequest("\(kind) in version \"\(version)\" cannot be handled as a \(kind): \(refusal)")
    }

    /// KEP-2885: warn, refuse or say nothing.
    private func tell(_ findings: [String]) throws {
        guard !findings.isEmpty else { return }
        let asked = request.query["fieldValidation"] ?? ""
        guard let validation = asked.isEmpty ? .warn : FieldValidation(rawValue: asked) else {
            throw Status(
                code: 422, reason: "Invalid",
                message: " \"\" is invalid: fieldValidation: Unsupported value: \"\(asked)\": supported values: "
                    + "\"Ignore\", \"Warn\", \"Strict\"")
        }
        switch validation {
        case .ignore: break
        case .warn: for finding in findings.prefix(20) { request.context.warn(finding) }
        case .strict:
            let definition = request.served.definition
            throw Status.badRequest(
                "\(definition.kind) in version \"\(definition.version)\" cannot be handled as a \(definition.kind): "
                    + "strict decoding error: \(findings.joined(separator: ", "))")
        }
    }

    /// The body's tree, and whether it is canonical already.
    private func tree(_ kind: String, _ apiVersion: String) throws -> (value: JSONValue, isCanonical: Bool) {
        let body = request.http.body
        let type = MediaType(parsing: request.http.headers.first(name: "content-type") ?? "application/json")
        switch type.name {
        case "application/json", "", "*/*":
            return (try read(kind) { try JSONParser.parse(body) }, false)
        case "application/yaml" where request.yaml != nil: return (try read(kind, request.yamlBody), false)
        case "application/vnd.kubernetes.protobuf":
            do {
                return (try Protobuf.decode(body, kind: kind, apiVersion: apiVersion), true)
            } catch let refusal as DecodingRefusal {
                throw Self.unreadable(kind, request.info.version, refusal)
            }
        default: throw Status.unsupportedMediaType(OutputForm.acceptedTypes)
        }
    }

    private func read(_ kind: String, _ parse: () throws -> JSONValue) throws(Status) -> JSONValue {
        do {
            return try parse()
        } catch {
            throw .badRequest(
                "\(kind) in version \"\(request.info.version)\" cannot be handled as a \(kind): \(error)")
        }
    }

    private func checkKind(_ object: JSONValue, kind: String, apiVersion: String) throws(Status) {
        guard object.object != nil else { throw .badRequest("the body of the request must be an object") }
        let ownKind = object["kind"]?.string ?? ""
        let ownVersion = object["apiVersion"]?.string ?? ""
        let isKind = ownKind.isEmpty || ownKind == kind
        // Options are registered in every group and version.
        let isVersion = ownVersion.isEmpty || ownVersion == apiVersion || kind == "DeleteOptions"
        guard isKind, isVersion else {
            throw .badRequest(
                "\(ownKind) in version \"\(ownVersion)\" cannot be handled as a \(kind): the API version in the data "
                    + "(\(ownVersion)) does not match the expected API version (\(apiVersion))")
        }
    }
}
