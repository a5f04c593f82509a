import KubeAPI

/// The label selectors of a ClusterRole's `aggregationRule`: the role's rules are those of all ClusterRoles that one of
/// them selects.
struct RoleAggregation: Sendable, Hashable {
    struct Requirement: Sendable, Hashable {
        enum Operator: String { case isIn = "In", notIn = "NotIn", exists = "Exists", doesNotExist = "DoesNotExist" }
        var key: String
        var `operator`: Operator
        var values: [String]
    }

    /// Each a conjunction; one that asks nothing selects every role.
    var selectors: [[Requirement]]

    /// nil when the role does not aggregate.
    init?(json: JSONValue?) {
        guard let selectors = json?["clusterRoleSelectors"]?.array, !selectors.isEmpty else { return nil }
        self.selectors = selectors.compactMap(Self.requirements)
    }

    /// nil when an operator is unknown: such a selector selects nothing.
    private static func requirements(_ selector: JSONValue) -> [Requirement]? {
        var requirements = selector["matchLabels"].stringMap.map {
            Requirement(key: $0.key, operator: .isIn, values: [$0.value])
        }
        for expression in selector["matchExpressions"]?.array ?? [] {
            guard let key = expression["key"]?.string,
                let sign = expression["operator"]?.string.flatMap(Requirement.Operator.init)
            else { return nil }
            requirements.append(Requirement(key: key, operator: sign, values: expression["values"].strings))
        }
        return requirements
    }

    func selects(_ labels: [String: String]) -> Bool {
        selectors.contains { $0.allSatisfy { $0.holds(for: labels) } }
    }
}

extension RoleAggregation.Requirement {
    fileprivate func holds(for labels: [String: String]) -> Bool {
        switch `operator` {
        case .isIn: labels[key].map(values.contains) ?? false
        case .notIn: !(labels[key].map(values.contains) ?? false)
        case .exists: labels[key] != nil
        case .doesNotExist: labels[key] == nil
        }
    }
}
