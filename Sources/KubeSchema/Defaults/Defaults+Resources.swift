import KubeAPI

/// Dynamic resource allocation.
extension Defaults {
    static let resources: [String: Function] = [
        "resource.k8s.io/v1/ResourceClaim": { $0.edit("spec", claim) },
        "resource.k8s.io/v1/ResourceClaimTemplate": { $0.edit("spec") { $0.edit("spec", claim) } },
    ]

    private static func claim(_ spec: inout JSONValue) {
        spec.edit("devices") { devices in
            devices.editEach("requests") { request in
                request.edit("exactly", device)
                request.editEach("firstAvailable", device)
            }
        }
    }

    private static func device(_ request: inout JSONValue) {
        request.setIfEmpty("allocationMode", "ExactCount")
        if request["allocationMode"] == "ExactCount" { request.setIfEmpty("count", 1) }
        request.editEach("tolerations") { $0.setIfEmpty("operator", "Equal") }
    }
}
