import KubeAPI
import KubeSchema

/// ClusterRoles whose rules are those of others (`aggregationRule`).
public enum RoleAggregation {
    public static func decide(_ role: APIObject, all: [APIObject]) -> Decision {
        guard let rule = role["aggregationRule"], !role.isBeingDeleted else { return Decision() }
        let selectors = (rule["clusterRoleSelectors"]?.array ?? []).compactMap { try? LabelSelector(json: $0) }
        var rules: [JSONValue] = []
        for other in all.sorted(by: { $0.name < $1.name })
        where other.uid != role.uid && selectors.contains(where: { $0.matches(labels: other.labels) }) {
            for rule in other["rules"]?.array ?? [] where !rules.contains(rule) { rules.append(rule) }
        }
        guard rules != role["rules"]?.array ?? [] else { return Decision() }
        return Decision([
            Action(
                .patch(
                    .clusterRole, role.key, .merge,
                    ["metadata": ["resourceVersion": .string(role.resourceVersion)], "rules": .array(rules)]))
        ])
    }
}
