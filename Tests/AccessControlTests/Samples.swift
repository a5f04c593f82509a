import AccessControl
import KubeAPI

func json(_ text: String) throws -> JSONValue { try JSONParser.parse(text) }

func clusterRole(_ name: String, _ rules: [PolicyRule], labels: JSONValue = [:]) -> JSONValue {
    [
        "kind": "ClusterRole", "metadata": ["name": .string(name), "labels": labels],
        "rules": .array(rules.map(\.json)),
    ]
}

func role(_ namespace: String, _ name: String, _ rules: [PolicyRule]) -> JSONValue {
    [
        "kind": "Role", "metadata": ["name": .string(name), "namespace": .string(namespace)],
        "rules": .array(rules.map(\.json)),
    ]
}

/// With a namespace a RoleBinding, else a ClusterRoleBinding.
func binding(
    _ namespace: String, _ name: String, to roleKind: String, _ role: String, _ subjects: [Subject]
) -> JSONValue {
    [
        "kind": namespace.isEmpty ? "ClusterRoleBinding" : "RoleBinding",
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
        "subjects": .array(
            subjects.map {
                ["kind": .string($0.kind.rawValue), "name": .string($0.name), "namespace": .string($0.namespace)]
            }),
        "roleRef": ["kind": .string(roleKind), "name": .string(role)],
    ]
}

func user(_ name: String, _ groups: String...) -> UserInfo { UserInfo(name: name, groups: groups) }

func ask(
    _ user: UserInfo, _ verb: String, _ resource: String, group: String = "", in namespace: String = "",
    name: String = ""
) -> RequestAttributes {
    let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
    return RequestAttributes(
        user: user, verb: verb, group: group, resource: parts[0], subresource: parts.count > 1 ? parts[1] : "",
        namespace: namespace, name: name)
}
