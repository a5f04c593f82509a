import KubeAPI

/// Which priority level a request belongs to, and which of the level's flows (flowcontrol.apiserver.k8s.io/v1).
public struct FlowSchema: Sendable, Hashable {
    public enum Distinguisher: Sendable { case none, byUser, byNamespace }

    struct SubjectRule: Sendable, Hashable {
        enum Who: Sendable, Hashable {
            case user(String)
            case group(String)
            /// Name `*` is every account of the namespace.
            case serviceAccount(namespace: String, name: String)
        }
        var subjects: [Who]
        var resourceRules: [ResourceRule]
        var pathRules: [PathRule]
    }

    struct ResourceRule: Sendable, Hashable {
        var verbs: [String]
        var apiGroups: [String]
        var resources: [String]
        var namespaces: [String]
        var clusterScope: Bool
    }

    struct PathRule: Sendable, Hashable {
        var verbs: [String]
        var paths: [String]
    }

    public let name: String
    public let uid: String
    public let priorityLevel: String
    /// The lowest that matches decides; of equals the one whose name comes first.
    public let precedence: Int64
    public let distinguisher: Distinguisher
    let rules: [SubjectRule]

    /// nil without name or priority level.
    public init?(json: JSONValue) {
        guard let name = json["metadata"]?["name"]?.string, let spec = json["spec"],
            let level = spec["priorityLevelConfiguration"]?["name"]?.string
        else { return nil }
        self.name = name
        uid = json["metadata"]?["uid"]?.string ?? ""
        priorityLevel = level
        precedence = spec["matchingPrecedence"]?.integer ?? 1000
        distinguisher =
            switch spec["distinguisherMethod"]?["type"]?.string {
            case "ByUser": .byUser
            case "ByNamespace": .byNamespace
            default: .none
            }
        rules = (spec["rules"]?.array ?? []).map(SubjectRule.init)
    }

    public func matches(_ request: RequestAttributes) -> Bool { rules.contains { $0.matches(request) } }

    /// Requests with the same one share a queue's turn.
    public func flow(of request: RequestAttributes) -> String {
        switch distinguisher {
        case .none: ""
        case .byUser: request.user.name
        case .byNamespace: request.namespace
        }
    }
}

extension FlowSchema.SubjectRule {
    init(_ json: JSONValue) {
        subjects = (json["subjects"]?.array ?? []).compactMap { subject in
            switch subject["kind"]?.string {
            case "User": (subject["user"]?["name"]?.string).map { .user($0) }
            case "Group": (subject["group"]?["name"]?.string).map { .group($0) }
            case "ServiceAccount":
                .serviceAccount(
                    namespace: subject["serviceAccount"]?["namespace"]?.string ?? "",
                    name: subject["serviceAccount"]?["name"]?.string ?? "")
            default: nil
            }
        }
        resourceRules = (json["resourceRules"]?.array ?? []).map { rule in
            .init(
                verbs: rule["verbs"].strings, apiGroups: rule["apiGroups"].strings,
                resources: rule["resources"].strings, namespaces: rule["namespaces"].strings,
                clusterScope: rule["clusterScope"] == .bool(true))
        }
        pathRules = (json["nonResourceRules"]?.array ?? []).map { rule in
            .init(verbs: rule["verbs"].strings, paths: rule["nonResourceURLs"].strings)
        }
    }

    func matches(_ request: RequestAttributes) -> Bool {
        guard subjects.contains(where: { $0.matches(request.user) }) else { return false }
        return request.isResourceRequest
            ? resourceRules.contains { $0.matches(request) } : pathRules.contains { $0.matches(request) }
    }
}

extension FlowSchema.SubjectRule.Who {
    func matches(_ user: UserInfo) -> Bool {
        switch self {
        case .user(let name): name == "*" || name == user.name
        case .group(let name): name == "*" || user.groups.contains(name)
        case .serviceAccount(let namespace, let name):
            name == "*"
                ? user.name.hasPrefix("system:serviceaccount:\(namespace):")
                : user.name == ServiceAccountName(namespace: namespace, name: name).userName
        }
    }
}

extension FlowSchema.ResourceRule {
    func matches(_ request: RequestAttributes) -> Bool {
        PolicyRule.has(verbs, request.verb) && PolicyRule.has(apiGroups, request.group)
            && PolicyRule.has(resources, request.resourceAndSubresource)
            && (request.namespace.isEmpty ? clusterScope : PolicyRule.has(namespaces, request.namespace))
    }
}

extension FlowSchema.PathRule {
    func matches(_ request: RequestAttributes) -> Bool {
        PolicyRule.has(verbs, request.verb) && paths.contains { PolicyRule.path($0, covers: request.path) }
    }
}
