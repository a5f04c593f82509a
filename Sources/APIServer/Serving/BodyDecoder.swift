import KubeAPI
import KubeSchema

/// Bodies to canonical objects.
struct BodyDecoder {
    enum FieldValidation: String { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

    let request: APIRequest

    /// Canonical and with defaults. `kind`: what the path asks for, when it is not the resource's own.
    func object() throws -> JSONValue {
        let definition = request.served.definition
        return try object(
            group: definition.group, version: definition.version, kind: definition.kind, type: request.served.type)
    }

    func object(group: String, version: String, kind: String, type: TypeReference) throws -> JSONValue {
        let given = try tree(named: kind)
        let apiVersion = group.isEmpty ? version : "\(group)/\(version)"
        try checkKind(given, kind: kind, apiVersion: apiVersion)
        return try canonical(given, group: group, version: version, kind: kind, type: type)
    }

    private func tree(named kind: String) throws -> JSONValue {
        let body = request.http.body
        let type = MediaType(parsing: request.http.headers.first(name: "content-type") ?? "application/json")
        switch type.name {
        case "application/json", "", "*/*":
            do {
                return try JSONParser.parse(body)
            } catch {
                throw Status.badRequest(
                    "\(kind) in version \"\(request.info.version)\" cannot be handled as a \(kind): \(error)")
            }
        case "application/vnd.kubernetes.protobuf": return try Protobuf.decode(body, request.served)
        default: throw Status.unsupportedMediaType(OutputForm.acceptedTypes)
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

    /// Fields in order, unknown ones out, and defaults.
    func canonical(
        _ given: JSONValue, group: String, version: String, kind: String, type: TypeReference
    ) throws -> JSONValue {
        let metadata = given["metadata"] ?? .emptyObject
        let rest = given.object?.members.filter { !["kind", "apiVersion", "metadata"].contains($0.key) } ?? []
        return .object(
            JSONObject(
                [
                    .init("kind", .string(kind)),
                    .init("apiVersion", .string(group.isEmpty ? version : "\(group)/\(version)")),
                    .init("metadata", metadata),
                ] + rest))
    }
}
