import AccessControl
import KubeAPI

extension AuditEvent {
    /// audit.k8s.io/v1 Event
    var json: JSONValue {
        var json = JSONObject([
            .init("kind", "Event"), .init("apiVersion", "audit.k8s.io/v1"), .init("level", .string(level.name)),
            .init("auditID", .string(auditID)), .init("stage", .string(stage.rawValue)),
            .init("requestURI", .string(requestURI)), .init("verb", .string(attributes.verb)),
            .init("user", attributes.user.json),
        ])
        if let impersonated { json["impersonatedUser"] = impersonated.json }
        if !sourceAddresses.isEmpty { json["sourceIPs"] = .array(sourceAddresses.map { .string($0) }) }
        if !userAgent.isEmpty { json["userAgent"] = .string(userAgent) }
        if attributes.isResourceRequest { json["objectRef"] = objectReference }
        if code != 0 { json["responseStatus"] = responseStatus }
        if level >= .request, let requestObject { json["requestObject"] = requestObject }
        if level >= .requestResponse, let responseObject { json["responseObject"] = responseObject }
        json["requestReceivedTimestamp"] = .string(RFC3339.text(nanoseconds: received))
        json["stageTimestamp"] = .string(RFC3339.text(nanoseconds: staged))
        if !annotations.isEmpty {
            json["annotations"] = .object(
                JSONObject(annotations.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }))
        }
        return .object(json)
    }

    private var objectReference: JSONValue {
        let fields = [
            ("resource", attributes.resource), ("namespace", attributes.namespace), ("name", attributes.name),
            ("apiGroup", attributes.group), ("apiVersion", attributes.version), ("subresource", attributes.subresource),
        ]
        return .object(JSONObject(fields.filter { !$0.1.isEmpty }.map { .init($0.0, .string($0.1)) }))
    }

    /// Of an error, its Status without the details.
    private var responseStatus: JSONValue {
        var status = JSONObject([.init("metadata", [:])])
        if code >= 400 {
            for key in ["status", "message", "reason"] {
                if let text = responseObject?[key]?.string { status[key] = .string(text) }
            }
        }
        status["code"] = .integer(Int64(code))
        return .object(status)
    }
}
