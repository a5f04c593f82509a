import KubeAPI

/// Whether an object may be stored: the rules that need nothing but the object and the one it replaces. Both are canonical
/// and have their defaults.
public enum Validation {
    /// All findings, metadata first. `old` is nil for a create. Through a `subresource` a Pod may change in ways that it may
    /// not otherwise; what exactly is the subresource's to judge.
    ///
    /// An update is not refused for what the stored object has already and keeps: rules become stricter, and what they
    /// find later must still be possible to change and to delete.
    public static func validate(
        _ object: JSONValue, group: String, version: String, kind: String, old: JSONValue? = nil,
        subresource: String = ""
    ) -> [FieldError] {
        let found = findings(
            object, group: group, version: version, kind: kind, old: old, subresource: subresource)
        guard let old, !found.isEmpty else { return found }
        let kept = Set(
            findings(old, group: group, version: version, kind: kind, old: nil, subresource: subresource))
        return found.filter { !kept.contains($0) }
    }

    private static func findings(
        _ object: JSONValue, group: String, version: String, kind: String, old: JSONValue?, subresource: String
    ) -> [FieldError] {
        var findings = Findings()
        let root = FieldCursor(object)
        let before = old.map { FieldCursor($0) }
        let resource = APICatalog.builtin.resource(group: group, version: version, kind: kind)
        findings.metadata(
            root["metadata"], old: before?["metadata"], names: nameFormat(group: group, kind: kind),
            isNamespaced: resource?.isNamespaced,
            // Kinds from outside upstream's core take any qualified name.
            hasPlainFinalizers: ["apiextensions.k8s.io", "apiregistration.k8s.io"].contains(group))
        if let type = APICatalog.builtin.type(group: group, version: version, kind: kind) {
            var declared = Findings()
            DeclaredValidation(schema: .builtin).check(root, as: .type(type), &declared)
            for error in declared.errors where !error.path.hasPrefix("metadata") { findings.add(error) }
        }
        if !subresource.isEmpty, group.isEmpty, kind == "Pod" {
            podSubresource(subresource, root, before, &findings)
        } else {
            kinds["\(group)/\(kind)"]?(root, before, &findings)
        }
        return findings.errors
    }

    typealias Rules = @Sendable (_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) -> Void

    /// By group and kind: the rules are the same in all versions.
    static let kinds: [String: Rules] = [
        "/Service": service, "/Pod": pod, "/PodTemplate": podTemplateObject, "/Node": node, "/Namespace": namespace,
        "/ConfigMap": configMap, "/Secret": secret, "/Endpoints": endpoints, "/Event": event,
        "/PersistentVolume": persistentVolume, "/PersistentVolumeClaim": persistentVolumeClaim,
        "/LimitRange": limitRange, "/ResourceQuota": resourceQuota, "/ReplicationController": replicationController,
        "discovery.k8s.io/EndpointSlice": endpointSlice, "events.k8s.io/Event": event,
        "apps/Deployment": deployment, "apps/ReplicaSet": replicaSet, "apps/StatefulSet": statefulSet,
        "apps/DaemonSet": daemonSet, "apps/ControllerRevision": controllerRevision,
        "batch/Job": job, "batch/CronJob": cronJob,
        "networking.k8s.io/Ingress": ingress, "networking.k8s.io/IngressClass": ingressClass,
        "networking.k8s.io/NetworkPolicy": networkPolicy, "networking.k8s.io/ServiceCIDR": serviceCIDR,
        "networking.k8s.io/IPAddress": ipAddress,
        "rbac.authorization.k8s.io/Role": role, "rbac.authorization.k8s.io/ClusterRole": clusterRole,
        "rbac.authorization.k8s.io/RoleBinding": roleBinding,
        "rbac.authorization.k8s.io/ClusterRoleBinding": clusterRoleBinding,
        "coordination.k8s.io/Lease": lease, "storage.k8s.io/StorageClass": storageClass,
        "storage.k8s.io/CSIDriver": csiDriver, "storage.k8s.io/CSINode": csiNode,
        "storage.k8s.io/CSIStorageCapacity": csiStorageCapacity,
        "storage.k8s.io/VolumeAttributesClass": volumeAttributesClass,
        "storage.k8s.io/VolumeAttachment": volumeAttachment,
        "autoscaling/HorizontalPodAutoscaler": horizontalPodAutoscaler, "autoscaling/Scale": scale,
        "policy/PodDisruptionBudget": podDisruptionBudget, "scheduling.k8s.io/PriorityClass": priorityClass,
        "node.k8s.io/RuntimeClass": runtimeClass,
        "certificates.k8s.io/CertificateSigningRequest": certificateSigningRequest,
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhookConfiguration,
        "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhookConfiguration,
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy": validatingAdmissionPolicy,
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": validatingAdmissionPolicyBinding,
        "admissionregistration.k8s.io/MutatingAdmissionPolicy": mutatingAdmissionPolicy,
        "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding": mutatingAdmissionPolicyBinding,
        "resource.k8s.io/ResourceClaim": resourceClaim, "resource.k8s.io/ResourceClaimTemplate": resourceClaimTemplate,
        "resource.k8s.io/DeviceClass": deviceClass, "resource.k8s.io/ResourceSlice": resourceSlice,
        "apiextensions.k8s.io/CustomResourceDefinition": customResourceDefinition,
        "apiregistration.k8s.io/APIService": apiService,
        "flowcontrol.apiserver.k8s.io/FlowSchema": flowSchema,
        "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration": priorityLevelConfiguration,
    ]

    /// Most names are DNS subdomains.
    static func nameFormat(group: String, kind: String) -> (String) -> [String] {
        switch (group, kind) {
        case ("", "Namespace"), ("apps", "StatefulSet"), ("", "Service"): NameFormats.dns1123Label
        case ("", "Event"), ("policy", "PodDisruptionBudget"), ("certificates.k8s.io", _),
            ("rbac.authorization.k8s.io", _), ("apiregistration.k8s.io", _):
            NameFormats.pathSegment
        case ("networking.k8s.io", "IPAddress"): canonicalAddress
        default: NameFormats.dns1123Subdomain
        }
    }
}
