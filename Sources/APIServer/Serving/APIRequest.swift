import AccessControl
import KubeAPI
import KubeSchema
import StoreCore

/// A request about a resource, as far as it is known before its handler runs.
struct APIRequest: Sendable {
    let http: HTTPRequest
    let info: RequestInfo
    let attributes: RequestAttributes
    let served: ServedResource
    let context: RequestContext
    let form: OutputForm
    let yaml: APIServer.YAMLReader?
    let authorizer: (any Authorizer)?

    var query: Query { http.query }

    func encoder() throws(Status) -> ObjectEncoder {
        var encoder = ObjectEncoder(served, form, now: context.now / 1_000_000_000)
        if let text = query["includeObject"], !text.isEmpty {
            guard let includes = TableRows.IncludeObject(rawValue: text) else {
                throw .badRequest(
                    "invalid includeObject value: must be one of '', 'None', 'Metadata', or 'Object'")
            }
            encoder.rowObjects = includes
        }
        return encoder
    }

    /// An answer with one object.
    func answer(_ object: JSONValue, status: Int = 200) throws -> HTTPResponse {
        response(try encoder().answer(object), status: status)
    }

    func response(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
        var response = HTTPResponse(status: status, form.contentType, bytes)
        addWarnings(to: &response)
        return response
    }

    /// RFC 9111's `Warning`, code 299.
    func addWarnings(to response: inout HTTPResponse) {
        for warning in context.warnings {
            response.headers.add(name: "Warning", value: "299 - \(JSONWriter.text(.string(warning)))")
        }
    }

    /// The body as YAML, of which JSON is a part; as JSON alone where nobody reads YAML.
    func yamlBody() throws -> JSONValue {
        if let json = try? JSONParser.parse(http.body) { return json }
        guard let yaml else { return try JSONParser.parse(http.body) }
        return try yaml(http.body)
    }

    /// PUT and apply, where they create what is not there, need the verb `create` as well.
    func authorizeCreation() async throws {
        guard let authorizer else { return }
        var creation = attributes
        creation.verb = "create"
        let decision = await authorizer.authorize(creation)
        guard decision.isAllowed else { throw Status.forbidden(creation, reason: decision.reason) }
    }

    /// What a list or a watch is about. A name that the path or the authorization speaks of is the only one.
    func selection() throws(Status) -> Selection {
        var selection = try Selection(
            labelSelector: query["labelSelector"], fieldSelector: query["fieldSelector"], served)
        try selection.narrow(to: info.name)
        return selection
    }

    /// The keys that it is about: one when the selection names it.
    func range(_ selection: Selection) -> KeyRange {
        if let name = selection.name, !served.definition.isNamespaced || !info.namespace.isEmpty {
            return KeyRange(key: served.key(namespace: info.namespace, name: name))
        }
        return served.range(namespace: info.namespace)
    }
}
