import KubeAPI

/// RBAC and tokens.
extension Defaults {
    static let access: [String: Function] = [
        "rbac.authorization.k8s.io/v1/RoleBinding": binding,
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding": binding,
        "authentication.k8s.io/v1/TokenRequest": { $0.edit("spec") { $0.setDefault("expirationSeconds", 3600) } },
    ]

    private static let rbacGroup: JSONValue = "rbac.authorization.k8s.io"

    private static func binding(_ binding: inout JSONValue) {
        binding.edit("roleRef") { $0.setIfEmpty("apiGroup", rbacGroup) }
        binding.editEach("subjects") { subject in
            if subject["kind"] == "User" || subject["kind"] == "Group" { subject.setIfEmpty("apiGroup", rbacGroup) }
        }
    }
}
