import KubeAPI

extension OpenAPIPath {
    var v3: JSONValue {
        var members = operations.map { JSONObject.Member($0.method, $0.v3) }
        members.append(JSONObject.Member("parameters", .array(parameters.map(\.v3))))
        return .object(JSONObject(members))
    }
}

extension OpenAPIOperation {
    fileprivate var v3: JSONValue {
        var members: [JSONObject.Member] = []
        func add(_ key: String, _ value: JSONValue) { members.append(JSONObject.Member(key, value)) }
        add("tags", [.string(tag)])
        add("operationId", .string(id))
        if !parameters.isEmpty { add("parameters", .array(parameters.map(\.v3))) }
        if let body { add("requestBody", requestBody(body)) }
        add(
            "responses",
            ["200": ["description": "OK", "content": content(answer)], "401": ["description": "Unauthorized"]])
        add("x-kubernetes-action", .string(action))
        if let kind { add("x-kubernetes-group-version-kind", kind) }
        return .object(JSONObject(members))
    }

    private func requestBody(_ type: String) -> JSONValue {
        let schema: JSONValue = ["schema": OpenAPISchemas.reference(type, .v3)]
        let types = method == "patch" ? patchTypes : ["*/*"]
        let content = types.map { JSONObject.Member($0, schema) }
        let isOptional = method == "delete"
        return isOptional
            ? ["content": .object(JSONObject(content))] : ["content": .object(JSONObject(content)), "required": true]
    }

    private func content(_ type: String?) -> JSONValue {
        guard let type else { return ["*/*": ["schema": ["type": "string"]]] }
        let schema: JSONValue = ["schema": OpenAPISchemas.reference(type, .v3)]
        return .object(JSONObject(Self.answerTypes(isList: action == "list").map { JSONObject.Member($0, schema) }))
    }

    /// Strategic merge needs a type that upstream knows.
    var patchTypes: [String] {
        let all = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"]
        return isOfBuiltinKind ? all + ["application/strategic-merge-patch+json"] : all
    }

    private var isOfBuiltinKind: Bool {
        func text(_ field: String) -> String { kind?[field]?.string ?? "" }
        return APICatalog.builtin.type(group: text("group"), version: text("version"), kind: text("kind")) != nil
    }

    static func answerTypes(isList: Bool) -> [String] {
        let types = ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"]
        return isList
            ? types + ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"] : types
    }
}

extension OpenAPIOperation.Parameter {
    fileprivate var v3: JSONValue {
        var parameter: JSONValue = [
            "name": .string(name), "in": .string(place.rawValue),
            "schema": ["type": .string(type), "uniqueItems": true],
        ]
        if place == .path { parameter.put("required", true) }
        return parameter
    }
}
