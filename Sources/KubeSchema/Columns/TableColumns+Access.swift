import KubeAPI

extension TableColumns {
    static let access: [String: Printer] = [
        "rbac.authorization.k8s.io/RoleBinding": binding,
        "rbac.authorization.k8s.io/ClusterRoleBinding": binding,
        "certificates.k8s.io/CertificateSigningRequest": signingRequest,
    ]

    private static func binding(_ row: PrintedRow) -> [JSONValue] {
        func subjects(_ kind: String) -> JSONValue {
            let names = row.array("subjects").filter { $0["kind"]?.string == kind }.map { subject in
                let name = subject["name"]?.string ?? ""
                return kind == "ServiceAccount" ? "\(subject["namespace"]?.string ?? "")/\(name)" : name
            }
            return .string(names.joined(separator: ", "))
        }
        return [
            .string(row.name), .string("\(row.text("roleRef", "kind"))/\(row.text("roleRef", "name"))"), row.age,
            subjects("User"), subjects("Group"), subjects("ServiceAccount"),
        ]
    }

    private static func signingRequest(_ row: PrintedRow) -> [JSONValue] {
        let duration = row["spec", "expirationSeconds"]?.integer.map { HumanDuration.text(seconds: $0) }
        let approval =
            row.condition("Denied") != nil ? "Denied" : row.condition("Approved") != nil ? "Approved" : "Pending"
        let failed = row.condition("Failed") != nil ? ",Failed" : ""
        let issued = row.text("status", "certificate").isEmpty ? "" : ",Issued"
        return [
            .string(row.name), row.age, .string(row.text("spec", "signerName").orElse("<none>")),
            .string(row.text("spec", "username")), .string(duration ?? "<none>"), .string(approval + failed + issued),
        ]
    }
}
