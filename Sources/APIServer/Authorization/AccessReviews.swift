import AccessControl
import KubeAPI
import KubeSchema

/// authorization.k8s.io/v1 SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview.
public struct AccessReviews: VirtualResource {
    public enum Kind: Sendable { case subject, local, own }

    private let kind: Kind
    private let authorizer: any Authorizer

    public init(_ kind: Kind, _ authorizer: any Authorizer) {
        self.kind = kind
        self.authorizer = authorizer
    }

    public func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue {
        try check(object, context)
        guard let request = AccessReview.request(object, asker: kind == .own ? context.user : nil) else {
            throw InvalidObject([
                FieldError(.required, "spec.user", nil, "at least one of user or group must be specified")
            ])
        }
        return object.withStatus(AccessReview.status(await authorizer.authorize(request)))
    }

    private func check(_ object: JSONValue, _ context: RequestContext) throws {
        let spec = object["spec"]
        let (resource, path) = (spec?["resourceAttributes"], spec?["nonResourceAttributes"])
        if resource != nil, path != nil {
            throw InvalidObject([
                FieldError(
                    .invalid, "spec.nonResourceAttributes", path,
                    "cannot be specified in combination with resourceAttributes")
            ])
        }
        if resource == nil, path == nil {
            throw InvalidObject([
                FieldError(
                    .invalid, "spec.resourceAttributes", .null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified")
            ])
        }
        if kind == .local, resource?["namespace"]?.string != context.attributes.namespace {
            throw Status(
                code: 400, reason: "BadRequest",
                message: "spec.resourceAttributes.namespace must match namespace: \(context.attributes.namespace)")
        }
    }
}

/// authorization.k8s.io/v1 SelfSubjectRulesReview: what the user may do in a namespace.
public struct RulesReview: VirtualResource {
    private let index: AccessIndex

    public init(_ index: AccessIndex) { self.index = index }

    public func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue {
        let namespace = object["spec"]?["namespace"]?.string ?? ""
        guard !namespace.isEmpty else {
            throw Status(code: 400, reason: "BadRequest", message: "no namespace on request")
        }
        if context.user.isMaster {
            return object.withStatus(AccessReview.rulesStatus(PolicyRule.everything, errors: []))
        }
        let (rules, errors) = index.rules(of: context.user, namespace: namespace)
        return object.withStatus(AccessReview.rulesStatus(rules, errors: errors))
    }
}

/// authentication.k8s.io/v1 SelfSubjectReview: who the server thinks that one is.
public struct SelfReview: VirtualResource {
    public init() {}

    public func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue {
        object.withStatus(["userInfo": context.user.json])
    }
}

extension UserInfo {
    /// authentication.k8s.io/v1 UserInfo
    var json: JSONValue {
        var json = JSONObject()
        if !name.isEmpty { json["username"] = .string(name) }
        if !uid.isEmpty { json["uid"] = .string(uid) }
        if !groups.isEmpty { json["groups"] = .array(groups.map { .string($0) }) }
        if !extra.isEmpty {
            json["extra"] = .object(
                JSONObject(
                    extra.sorted { $0.key < $1.key }.map { .init($0.key, .array($0.value.map { .string($0) })) }))
        }
        return .object(json)
    }
}
