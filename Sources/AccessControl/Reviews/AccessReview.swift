import KubeAPI

/// authorization.k8s.io/v1 SubjectAccessReview and its kin, read and answered.
public enum AccessReview {
    /// What a review asks.
    /// - Parameter asker: the user of a SelfSubjectAccessReview; nil reads the user from the spec.
    /// - Returns: nil when it asks about nobody, or about nothing.
    public static func request(_ review: JSONValue, asker: UserInfo?) -> RequestAttributes? {
        guard let spec = review["spec"] else { return nil }
        let user = asker ?? subject(spec)
        guard !user.name.isEmpty || !user.groups.isEmpty else { return nil }
        if let resource = spec["resourceAttributes"] {
            func text(_ key: String) -> String { resource[key]?.string ?? "" }
            var request = RequestAttributes(user: user, verb: text("verb"), path: "")
            request.group = text("group")
            request.version = text("version")
            request.resource = text("resource")
            request.subresource = text("subresource")
            request.namespace = text("namespace")
            request.name = text("name")
            request.fieldSelector = selector(resource["fieldSelector"])
            request.labelSelector = selector(resource["labelSelector"])
            return request
        }
        guard let path = spec["nonResourceAttributes"] else { return nil }
        return RequestAttributes(
            user: user, verb: path["verb"]?.string ?? "", path: path["path"]?.string ?? "")
    }

    private static func subject(_ spec: JSONValue) -> UserInfo {
        var extra: [String: [String]] = [:]
        if case .object(let object)? = spec["extra"] {
            for member in object.members { extra[member.key.lowercased()] = Optional(member.value).strings }
        }
        return UserInfo(
            name: spec["user"]?.string ?? "", uid: spec["uid"]?.string ?? "", groups: spec["groups"].strings,
            extra: extra)
    }

    /// The raw selector, or its requirements of equality written as one.
    private static func selector(_ json: JSONValue?) -> String {
        if let raw = json?["rawSelector"]?.string { return raw }
        return (json?["requirements"]?.array ?? []).compactMap { requirement in
            guard requirement["operator"]?.string == "In", let key = requirement["key"]?.string,
                requirement["values"].strings.count == 1, let value = requirement["values"].strings.first
            else { return nil }
            return key + "=" + value
        }.joined(separator: ",")
    }

    /// The `status` of the answer.
    public static func status(_ decision: Decision) -> JSONValue {
        var status = JSONObject([.init("allowed", .bool(decision.isAllowed))])
        if case .deny = decision { status["denied"] = true }
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return .object(status)
    }

    /// The `status` of a SelfSubjectRulesReview: what the user may do in a namespace, as far as RBAC says.
    public static func rulesStatus(_ rules: [PolicyRule], errors: [String]) -> JSONValue {
        var resourceRules: [JSONValue] = []
        var pathRules: [JSONValue] = []
        for rule in rules {
            if !rule.resources.isEmpty {
                var json = JSONObject([
                    .init("verbs", .strings(rule.verbs)), .init("apiGroups", .strings(rule.apiGroups)),
                    .init("resources", .strings(rule.resources)),
                ])
                if !rule.resourceNames.isEmpty { json["resourceNames"] = .strings(rule.resourceNames) }
                resourceRules.append(.object(json))
            }
            if !rule.nonResourceURLs.isEmpty {
                pathRules.append(["verbs": .strings(rule.verbs), "nonResourceURLs": .strings(rule.nonResourceURLs)])
            }
        }
        var status = JSONObject([
            .init("resourceRules", .array(resourceRules)), .init("nonResourceRules", .array(pathRules)),
            .init("incomplete", .bool(!errors.isEmpty)),
        ])
        if !errors.isEmpty { status["evaluationError"] = .string(RBACIndex.aggregate(errors)) }
        return .object(status)
    }
}
