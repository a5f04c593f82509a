import KubeAPI

extension OpenAPIPath {
    var v2: JSONValue {
        var members = operations.map { JSONObject.Member($0.method, $0.v2) }
        members.append(JSONObject.Member("parameters", .array(parameters.map(\.v2))))
        return .object(JSONObject(members))
    }
}

extension OpenAPIOperation {
    fileprivate var v2: JSONValue {
        var members: [JSONObject.Member] = []
        func add(_ key: String, _ value: JSONValue) { members.append(JSONObject.Member(key, value)) }
        func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        add("consumes", texts(method == "patch" ? patchTypes : ["*/*"]))
        add("operationId", .string(id))
        add("parameters", .array(parameters.map(\.v2) + [body.map(bodyParameter)].compactMap { $0 }))
        add("produces", texts(answer == nil ? ["*/*"] : Self.answerTypes(isList: action == "list")))
        add(
            "responses",
            [
                "200": [
                    "description": "OK",
                    "schema": answer.map { OpenAPISchemas.reference($0, .v2) } ?? ["type": "string"],
                ],
                "401": ["description": "Unauthorized"],
            ])
        add("schemes", ["https"])
        add("tags", [.string(tag)])
        add("x-kubernetes-action", .string(action))
        if let kind { add("x-kubernetes-group-version-kind", kind) }
        return .object(JSONObject(members))
    }

    private func bodyParameter(_ type: String) -> JSONValue {
        var parameter: JSONValue = ["name": "body", "in": "body", "schema": OpenAPISchemas.reference(type, .v2)]
        if method != "delete" { parameter.put("required", true) }
        return parameter
    }
}

extension OpenAPIOperation.Parameter {
    fileprivate var v2: JSONValue {
        var parameter: JSONValue = [
            "name": .string(name), "in": .string(place.rawValue), "type": .string(type), "uniqueItems": true,
        ]
        if place == .path { parameter.put("required", true) }
        return parameter
    }
}
