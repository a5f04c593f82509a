import KubeAPI
import KubeSchema

/// Bodies to canonical objects.
struct BodyDecoder {
    enum FieldValidation: String { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

    let request: APIRequest

    private var definition: ResourceDefinition { request.served.definition }

    /// Of the resource's own kind: canonical and with defaults.
    func object() throws -> JSONValue {
        let given = try tree(definition.kind, definition.apiVersion)
        let expected = BodyKind(definition, isCustom: request.served.isCustom)
        try check(given.value, expected)
        if let error = expected.error(of: given.value) { throw InvalidObject([error]) }
        do throws(DecodingRefusal) {
            return try canonical(given.value, isDecoded: given.isCanonical)
        } catch {
            throw unreadable(error)
        }
    }

    /// Of another kind: a subresource's, or options.
    func object(group: String, version: String, kind: String, type: TypeReference) throws -> JSONValue {
        let expected = BodyKind(group: group, version: version, kind: kind)
        let (given, isCanonical) = try tree(kind, expected.apiVersion)
        try check(given, expected)
        if isCanonical { return given }
        do throws(DecodingRefusal) {
            var normalized = try Schema.builtin.normalize(given, as: type)
            try tell(normalized.findings)
            Schema.builtin.applyDefaults(&normalized.value, group: group, version: version, kind: kind)
            return normalized.value
        } catch {
            throw Self.unreadable(kind, version, error)
        }
    }

    /// What a patch has made of an object. `shown`: what to show of it when it is no object of the kind.
    func patched(_ value: JSONValue, shown: @autoclosure () -> String) throws -> JSONValue {
        do throws(DecodingRefusal) {
            return try canonical(value)
        } catch {
            throw Status.invalidPatch(shown(), error.message)
        }
    }

    /// Fields in order, unknown ones out and told as the request wants it, and defaults.
    /// `isDecoded`: by the schema, from protobuf.
    private func canonical(_ given: JSONValue, isDecoded: Bool = false) throws(DecodingRefusal) -> JSONValue {
        let normalized = try request.served.canonical(given, isDecoded: isDecoded)
        try tell(normalized.findings)
        return normalized.value
    }

    private func unreadable(_ refusal: DecodingRefusal) -> Status {
        Self.unreadable(definition.kind, definition.version, refusal)
    }

    private static func unreadable(_ kind: String, _ version: String, _ refusal: DecodingRefusal) -> Status {
        .badRequest("\(kind) in version \"\(version)\" cannot be handled as a \(kind): \(refusal)")
    }

    /// KEP-2885: warn, refuse or say nothing.
    private func tell(_ findings: [String]) throws(DecodingRefusal) {
        guard !findings.isEmpty else { return }
        switch FieldValidation(rawValue: request.query["fieldValidation"] ?? "") ?? .warn {
        case .ignore: break
        case .warn: for finding in findings.prefix(20) { request.context.warn(finding) }
        case .strict: throw DecodingRefusal("strict decoding error: \(findings.joined(separator: ", "))")
        }
    }

    /// The body's tree, and whether it is canonical already.
    private func tree(_ kind: String, _ apiVersion: String) throws -> (value: JSONValue, isCanonical: Bool) {
        let body = request.http.body
        let type = MediaType(parsing: request.http.headers.first(name: "content-type") ?? "application/json")
        switch type.name {
        case "application/json", "", "*/*":
            return (
                try read(kind, "couldn't get version/kind; json parse error: ") { try JSONParser.parse(body) }, false
            )
        case "application/yaml" where request.yaml != nil: return (try read(kind, "", request.yamlBody), false)
        case "application/vnd.kubernetes.protobuf":
            do {
                return (try Protobuf.decode(body, kind: kind, apiVersion: apiVersion), true)
            } catch let refusal as DecodingRefusal {
                throw Self.unreadable(kind, request.info.version, refusal)
            }
        default: throw Status.unsupportedMediaType(OutputForm.acceptedTypes)
        }
    }

    private func read(_ kind: String, _ what: String, _ parse: () throws -> JSONValue) throws(Status) -> JSONValue {
        do {
            return try parse()
        } catch let error as JSONError {
            throw unrecognized(kind, what + BodySyntax.text(error, in: request.http.body))
        } catch {
            throw unrecognized(kind, what + "\(error)")
        }
    }

    private func unrecognized(_ kind: String, _ why: String) -> Status {
        .badRequest(
            "the object provided is unrecognized (must be of type \(kind)): \(why) (\(BodySummary.text(request.http.body)))"
        )
    }

    private func check(_ object: JSONValue, _ expected: BodyKind) throws {
        guard object.object != nil else {
            throw unrecognized(
                expected.kind,
                "couldn't get version/kind; json parse error: json: cannot unmarshal \(object.goName) into Go value of "
                    + #"type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "#
                    + #""json:\"kind,omitempty\"" }"#)
        }
        guard let why = expected.refusal(of: object) else { return }
        let own = BodyKind(object, or: expected)
        guard expected.isConvertible(own) else {
            throw Status.badRequest(
                "\(own.kind) in version \"\(own.version)\" cannot be handled as a \(expected.kind): \(why)")
        }
        throw Status.badRequest(why)
    }
}
