import KubeAPI

/// Roles and bindings, kept so that a decision looks at nothing but the rules of the user's own bindings.
///
/// It is changed object by object. An aggregated ClusterRole's rules are its stored ones and those of the roles that it
/// selects, so they hold also before a controller has written them into the object.
public struct RBACIndex: Sendable {
    struct Role: Sendable {
        var rules: [PolicyRule]
        var labels: [String: String]
        var aggregation: RoleAggregation?
        /// With those of the selected roles.
        var effectiveRules: [PolicyRule]
    }

    private(set) var roles: [RoleKey: Role] = [:]
    private var aggregated: Set<RoleKey> = []
    private var bindings: [RoleBinding.Key: RoleBinding] = [:]
    /// By namespace (empty: cluster-wide) and subject, the bindings' keys in the order they came.
    private var bindingsOf: [String: [Subject.Identity: [RoleBinding.Key]]] = [:]

    public init() {}

    public init(_ objects: some Sequence<JSONValue>) {
        for object in objects { upsert(object) }
    }

    /// Takes a Role, ClusterRole, RoleBinding or ClusterRoleBinding, new or changed; ignores anything else.
    public mutating func upsert(_ object: JSONValue) {
        guard let kind = object["kind"]?.string, let name = object["metadata"]?["name"]?.string else { return }
        let namespace = object["metadata"]?["namespace"]?.string ?? ""
        switch kind {
        case "Role": put(object, RoleKey(namespace: namespace, name: name))
        case "ClusterRole": put(object, RoleKey(namespace: "", name: name))
        case "RoleBinding": put(RoleBinding(key: .init(namespace: namespace, name: name), json: object))
        case "ClusterRoleBinding": put(RoleBinding(key: .init(namespace: "", name: name), json: object))
        default: break
        }
    }

    public mutating func remove(kind: String, namespace: String, name: String) {
        switch kind {
        case "Role", "ClusterRole":
            let key = RoleKey(namespace: kind == "Role" ? namespace : "", name: name)
            guard let old = roles.removeValue(forKey: key) else { return }
            aggregated.remove(key)
            if key.isClusterRole { aggregate(selecting: [old.labels]) }
        case "RoleBinding", "ClusterRoleBinding":
            take(RoleBinding.Key(namespace: kind == "RoleBinding" ? namespace : "", name: name))
        default: break
        }
    }

    /// The rules that hold for a role, those of aggregated roles too; nil when there is no such role.
    public func rules(of role: RoleKey) -> [PolicyRule]? { roles[role]?.effectiveRules }

    /// ClusterRoles whose stored rules differ from what their `aggregationRule` asks for, with the rules they should
    /// have: what upstream's clusterrole-aggregation-controller writes.
    public func staleAggregations() -> [(name: String, rules: [PolicyRule])] {
        aggregated.sorted { $0.name < $1.name }.compactMap { key in
            guard let role = roles[key], let aggregation = role.aggregation else { return nil }
            let rules = selectedRules(aggregation, except: key)
            return Set(rules) == Set(role.rules) ? nil : (key.name, rules)
        }
    }

    // MARK: - Roles

    private mutating func put(_ object: JSONValue, _ key: RoleKey) {
        let rules = (object["rules"]?.array ?? []).map(PolicyRule.init)
        let labels = object["metadata"]?["labels"].stringMap ?? [:]
        let aggregation = key.isClusterRole ? RoleAggregation(json: object["aggregationRule"]) : nil
        let old = roles.updateValue(
            Role(rules: rules, labels: labels, aggregation: aggregation, effectiveRules: rules), forKey: key)
        guard key.isClusterRole else { return }
        if aggregation != nil { aggregated.insert(key) } else { aggregated.remove(key) }
        aggregate(selecting: [labels, old?.labels ?? [:]], also: key)
    }

    /// Computes anew the rules of the roles that select one of the labels, and of those that select these in turn.
    private mutating func aggregate(selecting labels: [[String: String]], also key: RoleKey? = nil) {
        var waiting = labels
        var done: Set<RoleKey> = []
        if let key, aggregated.contains(key) { refresh(key) }
        while let labels = waiting.popLast() {
            for key in aggregated where !done.contains(key) && roles[key]?.aggregation?.selects(labels) == true {
                done.insert(key)
                refresh(key)
                if let own = roles[key]?.labels { waiting.append(own) }
            }
        }
    }

    private mutating func refresh(_ key: RoleKey) {
        guard let role = roles[key], let aggregation = role.aggregation else { return }
        var rules = role.rules
        var seen = Set(rules)
        for rule in selectedRules(aggregation, except: key) where seen.insert(rule).inserted { rules.append(rule) }
        roles[key]?.effectiveRules = rules
    }

    /// In the order of the roles' names, each rule once. Roles that select each other each hold what the other does.
    private func selectedRules(_ aggregation: RoleAggregation, except key: RoleKey) -> [PolicyRule] {
        var visited: Set<RoleKey> = [key]
        var seen: Set<PolicyRule> = []
        var rules: [PolicyRule] = []
        var waiting = [aggregation]
        while let next = waiting.popLast() {
            let chosen = roles.filter {
                $0.key.isClusterRole && !visited.contains($0.key) && next.selects($0.value.labels)
            }
            for (key, role) in chosen.sorted(by: { $0.key.name < $1.key.name }) {
                visited.insert(key)
                for rule in role.rules where seen.insert(rule).inserted { rules.append(rule) }
                if let aggregation = role.aggregation { waiting.append(aggregation) }
            }
        }
        return rules
    }

    // MARK: - Bindings

    private mutating func put(_ binding: RoleBinding) {
        take(binding.key)
        bindings[binding.key] = binding
        for identity in Set(binding.subjects.map(\.identity)) {
            bindingsOf[binding.key.namespace, default: [:]][identity, default: []].append(binding.key)
        }
    }

    private mutating func take(_ key: RoleBinding.Key) {
        guard let old = bindings.removeValue(forKey: key) else { return }
        for identity in Set(old.subjects.map(\.identity)) {
            bindingsOf[key.namespace]?[identity]?.removeAll { $0 == key }
            if bindingsOf[key.namespace]?[identity]?.isEmpty == true {
                bindingsOf[key.namespace]?[identity] = nil
            }
        }
        if bindingsOf[key.namespace]?.isEmpty == true { bindingsOf[key.namespace] = nil }
    }

    /// The bindings of `user` that hold in `namespace`, cluster-wide ones first, until `body` says it has enough.
    func visitBindings(of user: UserInfo, namespace: String, _ body: (RoleBinding, Subject.Identity) -> Bool) {
        for place in namespace.isEmpty ? [""] : ["", namespace] {
            guard let here = bindingsOf[place] else { continue }
            for identity in [.user(user.name)] + user.groups.map(Subject.Identity.group) {
                for key in here[identity] ?? [] {
                    if let binding = bindings[key], !body(binding, identity) { return }
                }
            }
        }
    }
}
