// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The tables of all packages.
enum TypeTables {
    static let all: [StaticString] = [
        AdmissionV1Types.text,
        AdmissionregistrationV1Types.text,
        AggregatorApiregistrationV1Types.text,
        ApidiscoveryV2Types.text,
        ApiextensionsApiserverApiextensionsV1Types.text,
        ApimachineryMetaV1Types.text,
        ApimachineryResourceTypes.text,
        ApimachineryRuntimeTypes.text,
        ApimachineryUtilIntstrTypes.text,
        ApimachineryVersionTypes.text,
        ApiserverAuditV1Types.text,
        AppsV1Types.text,
        AuthenticationV1Types.text,
        AuthorizationV1Types.text,
        AutoscalingV1Types.text,
        AutoscalingV2Types.text,
        BatchV1Types.text,
        CertificatesV1Types.text,
        CoordinationV1Types.text,
        CoreV1Types.text,
        DiscoveryV1Types.text,
        EventsV1Types.text,
        FlowcontrolV1Types.text,
        MetricsMetricsV1beta1Types.text,
        NetworkingV1Types.text,
        NodeV1Types.text,
        PolicyV1Types.text,
        RbacV1Types.text,
        ResourceV1Types.text,
        SchedulingV1Types.text,
        StorageV1Types.text,
    ]
}
