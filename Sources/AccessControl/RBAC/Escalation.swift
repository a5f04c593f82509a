import KubeAPI

/// Nobody may give rights that he does not hold, unless he may `escalate` (roles) or `bind` (bindings).
public struct Escalation: Sendable {
    let index: RBACIndex

    public init(_ index: RBACIndex) { self.index = index }

    /// What forbids to write a Role or ClusterRole; nil when nothing does.
    /// - Parameters:
    ///   - old: the object that is replaced; an update that leaves the rules alone gives nothing.
    ///   - authorize: the whole chain of authorizers.
    public func refusalOfRole(
        _ role: JSONValue, replacing old: JSONValue?, by user: UserInfo,
        authorize: (RequestAttributes) async -> Decision
    ) async -> Status? {
        let namespace = role["metadata"]?["namespace"]?.string ?? ""
        let rules = (role["rules"]?.array ?? []).map(PolicyRule.init)
        let aggregates = role["aggregationRule"]?["clusterRoleSelectors"]?.array?.isEmpty == false
        if user.isMaster { return nil }
        if let old, (old["rules"]?.array ?? []).map(PolicyRule.init) == rules,
            old["aggregationRule"] == role["aggregationRule"]
        {
            return nil
        }
        let name = role["metadata"]?["name"]?.string ?? ""
        let resource = namespace.isEmpty ? "clusterroles" : "roles"
        let request = RequestAttributes(
            user: user, verb: "escalate", group: RBACIndex.group, resource: resource, namespace: namespace, name: name)
        if await authorize(request).isAllowed { return nil }
        let place = Place(resource: resource, name: name)
        if aggregates, refusal(user, granting: PolicyRule.everything, in: "") != nil {
            return place.forbidden("must have cluster-admin privileges to use the aggregationRule")
        }
        return refusal(user, granting: rules, in: namespace).map(place.forbidden)
    }

    /// What forbids to write a RoleBinding or ClusterRoleBinding; nil when nothing does.
    public func refusalOfBinding(
        _ binding: JSONValue, replacing old: JSONValue?, by user: UserInfo,
        authorize: (RequestAttributes) async -> Decision
    ) async -> Status? {
        if user.isMaster { return nil }
        if let old, old["subjects"] == binding["subjects"], old["roleRef"] == binding["roleRef"] { return nil }
        let namespace = binding["metadata"]?["namespace"]?.string ?? ""
        let role = RoleKey(roleReference: binding["roleRef"], bindingNamespace: namespace)
        let request = RequestAttributes(
            user: user, verb: "bind", group: RBACIndex.group,
            resource: role.isClusterRole ? "clusterroles" : "roles", namespace: namespace, name: role.name)
        if await authorize(request).isAllowed { return nil }
        guard let rules = index.rules(of: role) else {
            var status = Status(code: 404, reason: "NotFound", message: role.pluralNotFound)
            (status.group, status.kind, status.name) = (
                RBACIndex.group, role.isClusterRole ? "clusterroles" : "roles", role.name
            )
            return status
        }
        let place = Place(
            resource: namespace.isEmpty ? "clusterrolebindings" : "rolebindings",
            name: binding["metadata"]?["name"]?.string ?? "")
        return refusal(user, granting: rules, in: namespace).map(place.forbidden)
    }

    private func refusal(_ user: UserInfo, granting rules: [PolicyRule], in namespace: String) -> String? {
        let held = index.rules(of: user, namespace: namespace)
        let missing = PolicyRule.compact(PolicyRule.missing(rules, from: held.rules))
        guard !missing.isEmpty else { return nil }
        let texts = Set(missing.map(\.compactText)).sorted().joined(separator: "\n")
        let errors = held.errors.isEmpty ? "" : "; resolution errors: [\(held.errors.joined(separator: " "))]"
        return "user \(GoText.quoted(user.name)) (groups=\(GoText.quoted(user.groups))) is attempting to grant RBAC "
            + "permissions not currently held:\n" + texts + errors
    }

    private struct Place {
        var resource: String
        var name: String

        func forbidden(_ reason: String) -> Status {
            var status = Status(
                code: 403, reason: "Forbidden",
                message: "\(resource).\(RBACIndex.group) \(GoText.quoted(name)) is forbidden: \(reason)")
            (status.group, status.kind, status.name) = (RBACIndex.group, resource, name)
            return status
        }
    }
}

extension RBACIndex {
    public static let group = "rbac.authorization.k8s.io"
}

extension RoleKey {
    fileprivate var pluralNotFound: String {
        "\(isClusterRole ? "clusterroles" : "roles").rbac.authorization.k8s.io \(GoText.quoted(name)) not found"
    }
}
