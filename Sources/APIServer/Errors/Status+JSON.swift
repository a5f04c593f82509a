import KubeAPI

extension Status {
    /// As `metav1.Status` in the order of its fields.
    var json: JSONValue { json(outcome: "Failure") }

    func json(outcome: String) -> JSONValue {
        var members: [JSONObject.Member] = [
            .init("kind", "Status"), .init("apiVersion", "v1"),
            .init("metadata", continuation.isEmpty ? .emptyObject : ["continue": .string(continuation)]),
            .init("status", .string(outcome)),
        ]
        if !message.isEmpty { members.append(.init("message", .string(message))) }
        if !reason.isEmpty { members.append(.init("reason", .string(reason))) }
        if let details { members.append(.init("details", details)) }
        if code != 0 { members.append(.init("code", .integer(Int64(code)))) }
        return .object(JSONObject(members))
    }

    private var details: JSONValue? {
        var members: [JSONObject.Member] = []
        func add(_ key: String, _ text: String) {
            if !text.isEmpty { members.append(.init(key, .string(text))) }
        }
        add("name", name)
        add("group", group)
        add("kind", kind)
        add("uid", uid)
        if !causes.isEmpty { members.append(.init("causes", .array(causes.map(\.json)))) }
        if let retryAfterSeconds { members.append(.init("retryAfterSeconds", .integer(Int64(retryAfterSeconds)))) }
        return members.isEmpty ? nil : .object(JSONObject(members))
    }
}

extension Status.Cause {
    fileprivate var json: JSONValue {
        var members: [JSONObject.Member] = []
        for (key, text) in [("reason", reason), ("message", message), ("field", field)] where !text.isEmpty {
            members.append(.init(key, .string(text)))
        }
        return .object(JSONObject(members))
    }
}
