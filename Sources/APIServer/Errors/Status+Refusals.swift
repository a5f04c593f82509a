import KubeAPI
import KubeSchema

/// Answers that are errors, with upstream's words (apimachinery's api/errors).
extension Status {
    /// `resource`: group and plural.
    static func notFound(_ resource: ResourceDefinition, _ name: String) -> Status {
        make(404, "NotFound", "\(resource.qualifiedName) \"\(name)\" not found", resource, name)
    }

    static func alreadyExists(_ resource: ResourceDefinition, _ name: String) -> Status {
        make(409, "AlreadyExists", "\(resource.qualifiedName) \"\(name)\" already exists", resource, name)
    }

    static func conflict(_ resource: ResourceDefinition, _ name: String, _ reason: String) -> Status {
        make(
            409, "Conflict", "Operation cannot be fulfilled on \(resource.qualifiedName) \"\(name)\": \(reason)",
            resource, name)
    }

    /// The server made up the name of a new object, and all that it tried were taken.
    static func noFreeName(_ resource: ResourceDefinition, _ name: String) -> Status {
        var status = alreadyExists(resource, name)
        status.message += ", the server was not able to generate a unique name for the object"
        status.retryAfterSeconds = 1
        return status
    }

    /// Of a deletion; it names the kind where others name the resource.
    static func failedPrecondition(_ resource: ResourceDefinition, _ name: String, _ reason: String) -> Status {
        let kind = resource.group.isEmpty ? resource.kind : "\(resource.kind).\(resource.group)"
        var status = Status(
            code: 409, reason: "Conflict", message: "Operation cannot be fulfilled on \(kind) \"\(name)\": \(reason)")
        (status.name, status.group, status.kind) = (name, resource.group, resource.kind)
        return status
    }

    /// Somebody else has changed the object since the client read it.
    static func modified(_ resource: ResourceDefinition, _ name: String) -> Status {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    static func invalid(_ resource: ResourceDefinition, _ name: String, _ errors: [FieldError]) -> Status {
        invalid(kind: resource.kind, group: resource.group, name, errors)
    }

    static func invalid(kind: String, group: String = "", _ name: String, _ errors: [FieldError]) -> Status {
        let texts = errors.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
        let all = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        let full = group.isEmpty ? kind : "\(kind).\(group)"
        var status = Status(code: 422, reason: "Invalid", message: "\(full) \"\(name)\" is invalid: \(all)")
        status.name = name
        status.group = group
        status.kind = kind
        status.causes = errors.map { Cause(reason: $0.reason.rawValue, message: $0.message, field: $0.path) }
        return status
    }

    static func badRequest(_ message: String) -> Status { Status(code: 400, reason: "BadRequest", message: message) }

    static let unauthorized = Status(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func forbidden(_ resource: ResourceDefinition, _ name: String, _ reason: String) -> Status {
        let subject = name.isEmpty ? resource.qualifiedName : "\(resource.qualifiedName) \"\(name)\""
        return make(403, "Forbidden", "\(subject) is forbidden: \(reason)", resource, name)
    }

    static func methodNotSupported(_ resource: ResourceDefinition, _ action: String) -> Status {
        make(
            405, "MethodNotAllowed", "\(action) is not supported on resources of kind \"\(resource.qualifiedName)\"",
            resource, "")
    }

    static let methodNotAllowed = Status(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource")

    static let noSuchPath = Status(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource")

    static func notAcceptable(_ accepted: [String]) -> Status {
        Status(
            code: 406, reason: "NotAcceptable",
            message: "only the following media types are accepted: \(accepted.joined(separator: ", "))")
    }

    static func unsupportedMediaType(_ accepted: [String]) -> Status {
        Status(
            code: 415, reason: "UnsupportedMediaType",
            message:
                "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    static func tooLarge(limit: Int) -> Status {
        Status(
            code: 413, reason: "RequestEntityTooLarge",
            message: "Request entity too large: limit is \(limit)")
    }

    /// What was asked for has been compacted away.
    static func expired(_ message: String) -> Status { Status(code: 410, reason: "Expired", message: message) }

    /// `requested` has not been written yet.
    static func futureVersion(_ requested: Int64, current: Int64) -> Status {
        Status(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(requested), current: \(current)", retryAfterSeconds: 1,
            causes: [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")])
    }

    static func timeout(_ message: String) -> Status { Status(code: 504, reason: "Timeout", message: message) }

    static func internalError(_ message: String) -> Status {
        var status = Status(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(message)",
            causes: [Cause(message: message)])
        status.kind = ""
        return status
    }

    private static func make(
        _ code: Int, _ reason: String, _ message: String, _ resource: ResourceDefinition, _ name: String
    ) -> Status {
        var status = Status(code: code, reason: reason, message: message)
        status.name = name
        status.group = resource.group
        status.kind = resource.resource
        return status
    }
}

extension ResourceDefinition {
    /// `services` or `deployments.apps`.
    var qualifiedName: String { group.isEmpty ? resource : "\(resource).\(group)" }
}
