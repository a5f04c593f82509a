import KubeAPI

/// The objects of its namespace that a pod names.
enum PodReferences {
    typealias Reference = NodeGraph.Reference

    static func all(_ pod: JSONValue, namespace: String) -> Set<Reference> {
        guard let spec = pod["spec"] else { return [] }
        var references: Set<Reference> = []
        func add(_ kind: Reference.Kind, _ name: String?) {
            if let name, !name.isEmpty { references.insert(Reference(kind, namespace, name)) }
        }
        add(.serviceAccount, spec["serviceAccountName"]?.string)
        for pull in spec["imagePullSecrets"]?.array ?? [] { add(.secret, pull["name"]?.string) }
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            for container in spec[list]?.array ?? [] { environment(of: container, add) }
        }
        for volume in spec["volumes"]?.array ?? [] { sources(of: volume, pod: pod, add) }
        for status in pod["status"]?["resourceClaimStatuses"]?.array ?? [] {
            add(.resourceClaim, status["resourceClaimName"]?.string)
        }
        for claim in spec["resourceClaims"]?.array ?? [] { add(.resourceClaim, claim["resourceClaimName"]?.string) }
        return references
    }

    private static func environment(of container: JSONValue, _ add: (Reference.Kind, String?) -> Void) {
        for source in container["envFrom"]?.array ?? [] {
            add(.configMap, source["configMapRef"]?["name"]?.string)
            add(.secret, source["secretRef"]?["name"]?.string)
        }
        for variable in container["env"]?.array ?? [] {
            add(.configMap, variable["valueFrom"]?["configMapKeyRef"]?["name"]?.string)
            add(.secret, variable["valueFrom"]?["secretKeyRef"]?["name"]?.string)
        }
    }

    private static func sources(of volume: JSONValue, pod: JSONValue, _ add: (Reference.Kind, String?) -> Void) {
        add(.secret, volume["secret"]?["secretName"]?.string)
        add(.configMap, volume["configMap"]?["name"]?.string)
        add(.persistentVolumeClaim, volume["persistentVolumeClaim"]?["claimName"]?.string)
        if volume["ephemeral"] != nil, let name = volume["name"]?.string, let pod = pod["metadata"]?["name"]?.string {
            add(.persistentVolumeClaim, pod + "-" + name)
        }
        for source in volume["projected"]?["sources"]?.array ?? [] {
            add(.secret, source["secret"]?["name"]?.string)
            add(.configMap, source["configMap"]?["name"]?.string)
        }
        for path in VolumeReferences.localSecrets {
            add(.secret, volume[path.driver]?[path.field]?["name"]?.string)
        }
        add(.secret, volume["azureFile"]?["secretName"]?.string)
        add(.secret, volume["csi"]?["nodePublishSecretRef"]?["name"]?.string)
    }
}

/// The secrets that volume drivers need.
enum VolumeReferences {
    struct SecretPath {
        var driver: String
        var field: String
    }

    static let localSecrets = ["cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"].map {
        SecretPath(driver: $0, field: "secretRef")
    }

    private static let csiSecrets = [
        "controllerPublishSecretRef", "nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef",
    ]

    static func secrets(ofVolume spec: JSONValue?, claimNamespace: String) -> Set<NodeGraph.Reference> {
        var secrets: Set<NodeGraph.Reference> = []
        func add(_ reference: JSONValue?) {
            guard let name = reference?["name"]?.string, !name.isEmpty else { return }
            secrets.insert(.init(.secret, reference?["namespace"]?.string ?? claimNamespace, name))
        }
        for path in localSecrets { add(spec?[path.driver]?[path.field]) }
        for field in csiSecrets { add(spec?["csi"]?[field]) }
        if let azure = spec?["azureFile"], let name = azure["secretName"]?.string {
            secrets.insert(.init(.secret, azure["secretNamespace"]?.string ?? claimNamespace, name))
        }
        return secrets
    }
}
