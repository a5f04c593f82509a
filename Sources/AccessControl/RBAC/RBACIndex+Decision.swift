extension RBACIndex {
    /// Allows when a rule of one of the user's roles does; never denies. The reasons are upstream's.
    public func authorize(_ request: RequestAttributes) -> Decision {
        var allowed: String?
        var missing: [String] = []
        visitBindings(of: request.user, namespace: request.isResourceRequest ? request.namespace : "") {
            binding, identity in
            guard let role = roles[binding.role] else {
                missing.append(binding.role.notFound)
                return true
            }
            guard role.effectiveRules.contains(where: { $0.allows(request) }) else { return true }
            let subject = binding.subjects.first { $0.identity == identity }
            allowed = "RBAC: allowed by \(binding.text) to \(subject?.text ?? "")"
            return false
        }
        if let allowed { return .allow(reason: allowed) }
        guard !missing.isEmpty else { return .noOpinion(reason: "") }
        return .noOpinion(reason: "RBAC: " + Self.aggregate(missing))
    }

    /// All rules that a user holds in a namespace (empty: cluster-wide only), and what could not be found out.
    public func rules(
        of user: UserInfo, namespace: String
    ) -> (rules: [PolicyRule], errors: [String]) {
        var rules: [PolicyRule] = []
        var errors: [String] = []
        visitBindings(of: user, namespace: namespace) { binding, _ in
            if let role = roles[binding.role] {
                rules += role.effectiveRules
            } else {
                errors.append(binding.role.notFound)
            }
            return true
        }
        return (rules, errors)
    }

    /// Several errors as Go's aggregate writes them: each once, in brackets when there is more than one.
    static func aggregate(_ errors: [String]) -> String {
        var seen: Set<String> = []
        let distinct = errors.filter { seen.insert($0).inserted }
        return distinct.count == 1 ? distinct[0] : "[" + distinct.joined(separator: ", ") + "]"
    }
}

extension RoleKey {
    var notFound: String {
        "\(isClusterRole ? "clusterrole" : "role").rbac.authorization.k8s.io \(GoText.quoted(name)) not found"
    }
}
