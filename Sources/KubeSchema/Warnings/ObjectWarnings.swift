import KubeAPI

/// What a client should know of an object that may be stored as it is: fields that do nothing, go away, or mean something
/// else than they seem to (upstream's WarningsOnCreate and WarningsOnUpdate).
public enum ObjectWarnings {
    /// `old` is nil for a create.
    public static func of(
        _ object: JSONValue, old: JSONValue?, group: String, kind: String, subresource: String = ""
    ) -> [String] {
        guard subresource.isEmpty else { return [] }
        let root = FieldCursor(object)
        let isChanged = old.map { $0["spec"] != object["spec"] } ?? true
        var warnings: [String] = []
        switch (group, kind) {
        // Hardly anybody but machines changes Pods.
        case ("", "Pod") where old == nil:
            name(root, "in the Pod's hostname", &warnings)
            PodWarnings(root, isTemplate: false).add(to: &warnings)
        case ("", "PodTemplate"): PodWarnings(root["template"], isTemplate: true).add(to: &warnings)
        case ("", "ReplicationController"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("batch", "Job"):
            if old == nil { name(root, "in Pod names and hostnames", &warnings) }
            if isChanged { PodWarnings(root["spec"]["template"], isTemplate: true).add(to: &warnings) }
        case ("apps", "StatefulSet"), ("apps", "DaemonSet"):
            if isChanged { PodWarnings(root["spec"]["template"], isTemplate: true).add(to: &warnings) }
            for claim in root["spec"]["volumeClaimTemplates"].items where isChanged {
                fractions(claim["spec"]["resources"], &warnings)
            }
        case ("batch", "CronJob"):
            if old == nil { name(root, "in Pod names and hostnames", &warnings) }
            if isChanged {
                PodWarnings(root["spec"]["jobTemplate"]["spec"]["template"], isTemplate: true).add(to: &warnings)
            }
        case ("", "Service"): service(root, &warnings)
        case ("networking.k8s.io", "Ingress") where old == nil:
            if object[path: "metadata", "annotations", ingressClass] != nil {
                warnings.append(
                    "annotation \"\(ingressClass)\" is deprecated, please use 'spec.ingressClassName' instead")
            }
        case ("", "PersistentVolumeClaim") where isChanged: claim(root, &warnings)
        case ("", "PersistentVolume") where isChanged: volume(root, &warnings)
        case ("", "ServiceAccount") where old == nil: account(root, &warnings)
        default: break
        }
        return warnings
    }

    private static let ingressClass = "kubernetes.io/ingress.class"

    /// Names that are DNS subdomains where a label would be better.
    private static func name(_ root: FieldCursor, _ use: String, _ warnings: inout [String]) {
        let findings = NameFormats.dns1123Label(root["metadata"]["name"].string)
        guard !findings.isEmpty else { return }
        warnings.append(
            "metadata.name: this is used \(use), which can result in surprising behavior; a DNS label is recommended: "
                + "[\(findings.joined(separator: " "))]")
    }

    // MARK: Volumes

    private static let storageClass = "volume.beta.kubernetes.io/storage-class"

    private static func annotation(_ root: FieldCursor, _ key: String, _ why: String, _ warnings: inout [String]) {
        let place = root["metadata"]["annotations"][key: key]
        if place.isSet { warnings.append("\(place.path): \(why)") }
    }

    private static func claim(_ root: FieldCursor, _ warnings: inout [String]) {
        annotation(root, storageClass, "deprecated since v1.8; use \"storageClassName\" attribute instead", &warnings)
        fractions(root["spec"]["resources"], &warnings)
    }

    private static func volume(_ root: FieldCursor, _ warnings: inout [String]) {
        annotation(root, storageClass, "deprecated since v1.8; use \"storageClassName\" attribute instead", &warnings)
        if root["spec"]["persistentVolumeReclaimPolicy"].string == "Recycle" {
            warnings.append(
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the "
                    + "recommended approach is to use dynamic provisioning.")
        }
    }

    private static func account(_ root: FieldCursor, _ warnings: inout [String]) {
        annotation(
            root, "kubernetes.io/enforce-mountable-secrets",
            "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets", &warnings)
    }

    /// Storage comes in whole bytes.
    static func fractions(_ resources: FieldCursor, _ warnings: inout [String]) {
        for list in ["limits", "requests"] {
            for name in ["storage", "memory", "ephemeral-storage"] {
                let place = resources[list][key: name]
                guard let amount = try? Quantity(parsing: place.string), amount.milliValue % 1000 != 0 else { continue }
                warnings.append("\(place.path): fractional byte value \"\(amount)\" is invalid, must be an integer")
            }
        }
    }
}
