import KubeAPI

/// Webhooks and admission policies.
extension Defaults {
    static let admission: [String: Function] = [
        "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration": { $0.editEach("webhooks", webhook) },
        "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration": { object in
            object.editEach("webhooks") { hook in
                webhook(&hook)
                hook.setDefault("reinvocationPolicy", "Never")
            }
        },
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": { $0.edit("spec", policy) },
        "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy": { $0.edit("spec", policy) },
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": policyBinding,
        "admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding": policyBinding,
    ]

    private static func webhook(_ webhook: inout JSONValue) {
        webhook.setDefault("failurePolicy", "Fail")
        webhook.setDefault("timeoutSeconds", 10)
        matching(&webhook)
        webhook.editEach("rules") { $0.setDefault("scope", "*") }
        webhook.edit("clientConfig") { $0.edit("service") { $0.setDefault("port", 443) } }
    }

    private static func policy(_ spec: inout JSONValue) {
        spec.setDefault("failurePolicy", "Fail")
        spec.edit("matchConstraints", matchResources)
    }

    private static func policyBinding(_ binding: inout JSONValue) {
        binding.edit("spec") { $0.edit("matchResources", matchResources) }
    }

    private static func matchResources(_ match: inout JSONValue) {
        matching(&match)
        for rules in ["resourceRules", "excludeResourceRules"] { match.editEach(rules) { $0.setDefault("scope", "*") } }
    }

    private static func matching(_ match: inout JSONValue) {
        match.setDefault("matchPolicy", "Equivalent")
        match.setDefault("namespaceSelector", .emptyObject)
        match.setDefault("objectSelector", .emptyObject)
    }
}
