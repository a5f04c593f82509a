import KubeAPI

extension TableColumns {
    static let admission: [String: Printer] = [
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhooks,
        "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhooks,
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy": { policy($0, $0.array("spec", "validations").count) },
        "admissionregistration.k8s.io/MutatingAdmissionPolicy": { policy($0, $0.array("spec", "mutations").count) },
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": policyBinding,
        "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding": policyBinding,
    ]

    private static func webhooks(_ row: PrintedRow) -> [JSONValue] {
        [.string(row.name), .integer(Int64(row.array("webhooks").count)), row.age]
    }

    private static func policy(_ row: PrintedRow, _ count: Int) -> [JSONValue] {
        let kind = row["spec", "paramKind"].map { "\($0["apiVersion"]?.string ?? "")/\($0["kind"]?.string ?? "")" }
        return [.string(row.name), .integer(Int64(count)), .string(kind ?? "<unset>"), row.age]
    }

    private static func policyBinding(_ row: PrintedRow) -> [JSONValue] {
        let (namespace, name) = (
            row.text("spec", "paramRef", "namespace"), row.text("spec", "paramRef", "name").orElse("*")
        )
        let reference = row["spec", "paramRef"] == nil ? "<unset>" : namespace.isEmpty ? name : "\(namespace)/\(name)"
        return [.string(row.name), .string(row.text("spec", "policyName")), .string(reference), row.age]
    }
}
