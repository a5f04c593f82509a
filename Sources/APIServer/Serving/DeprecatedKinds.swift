import KubeSchema

/// Kinds that are served and should not be used any more: every answer about them says so.
enum DeprecatedKinds {
    private static let warnings = [
        "v1/componentstatuses": "v1 ComponentStatus is deprecated in v1.19+",
        "v1/endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ]

    static func warning(_ definition: ResourceDefinition) -> String? {
        warnings["\(definition.apiVersion)/\(definition.resource)"]
    }
}
