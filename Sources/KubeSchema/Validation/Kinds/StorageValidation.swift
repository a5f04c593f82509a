import KubeAPI

extension Validation {
    @Sendable static func persistentVolume(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        accessModes(spec, &findings)
        if spec["capacity"].isEmpty {
            findings.missing(spec["capacity"])
        } else if !spec["capacity"]["storage"].isSet {
            findings.add(
                FieldError(
                    .notSupported, spec["capacity"].path, spec["capacity"].value, "supported values: \"storage\""))
        }
        for (_, quantity) in spec["capacity"].entries { findings.quantity(quantity, allowsZero: false) }
        let plain: Set<String> = [
            "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions",
            "volumeMode", "nodeAffinity", "volumeAttributesClassName",
        ]
        func source(_ spec: FieldCursor) -> [FieldCursor] {
            (spec.value?.object?.members ?? []).map(\.key).filter { !plain.contains($0) }.map { spec[$0] }.filter(
                \.isSet)
        }
        let sources = source(spec)
        if sources.isEmpty { findings.missing(spec, "must specify a volume type") }
        for extra in sources.dropFirst() { findings.forbidden(extra, "may not specify more than 1 volume type") }
        findings.expect(spec["storageClassName"], NameFormats.dns1123Subdomain)
        guard let old = old?["spec"] else { return }
        let before = source(old)
        let isSame =
            sources.map(\.path) == before.map(\.path)
            && zip(sources, before).allSatisfy { ($0.value ?? .null).isEquivalent(to: $1.value ?? .null) }
        if !isSame {
            findings.forbidden(
                spec["persistentvolumesource"], "spec.persistentvolumesource is immutable after creation")
        }
        findings.immutable(spec["volumeMode"], old["volumeMode"])
        findings.immutableOnceSet(spec["nodeAffinity"], old["nodeAffinity"])
    }

    private static func accessModes(_ spec: FieldCursor, _ findings: inout Findings) {
        let modes = spec["accessModes"]
        if modes.isEmpty { findings.missing(modes, "at least 1 access mode is required") }
        if modes.count > 1, modes.items.contains(where: { $0.string == "ReadWriteOncePod" }) {
            findings.forbidden(modes, "may not use ReadWriteOncePod with other access modes")
        }
        for mode in modes.items {
            findings.expect(mode, oneOf: ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"])
        }
    }

    @Sendable static func persistentVolumeClaim(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        accessModes(spec, &findings)
        findings.labelSelector(spec["selector"])
        let size = spec["resources"]["requests"][key: "storage"]
        if size.isSet { findings.quantity(size, allowsZero: false) } else { findings.missing(size) }
        findings.expect(spec["storageClassName"], NameFormats.dns1123Subdomain)
        guard let old else { return }
        claimUpdate(spec, old, size, &findings)
    }

    private static func claimUpdate(
        _ spec: FieldCursor, _ old: FieldCursor, _ size: FieldCursor, _ findings: inout Findings
    ) {
        func fixed(_ spec: JSONValue?) -> JSONValue {
            var value = spec ?? .emptyObject
            value[path: "resources", "requests"] = nil
            value[path: "volumeAttributesClassName"] = nil
            if old["spec"]["volumeName"].isEmpty { value[path: "volumeName"] = nil }
            if !old["spec"]["storageClassName"].isSet { value[path: "storageClassName"] = nil }
            return value
        }
        if !fixed(spec.value).isEquivalent(to: fixed(old["spec"].value)) {
            return findings.forbidden(
                FieldCursor(nil, at: "spec"),
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            )
        }
        let was = (old["spec"]["resources"]["requests"][key: "storage"].value?.string).flatMap {
            try? Quantity(parsing: $0)
        }
        let capacity = (old["status"]["capacity"][key: "storage"].value?.string).flatMap { try? Quantity(parsing: $0) }
        if let was, let now = (size.value?.string).flatMap({ try? Quantity(parsing: $0) }), now < was {
            if capacity.map({ now < $0 }) ?? true {
                findings.forbidden(
                    FieldCursor(nil, at: "spec.resources.requests.storage"),
                    "field can not be less than status.capacity")
            }
        }
    }

    @Sendable static func storageClass(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        if object["provisioner"].isEmpty {
            findings.missing(object["provisioner"])
        } else {
            findings.invalid(
                object["provisioner"], NameFormats.qualifiedName(object["provisioner"].string.lowercased()))
        }
        if object["parameters"].count > 512 {
            findings.add(FieldError(.tooLong, "parameters", nil, "may not be more than 512 bytes"))
        }
        findings.require(object["reclaimPolicy"])
        findings.require(object["volumeBindingMode"])
        guard let old else { return }
        if !(object["parameters"].value ?? .emptyObject).isEquivalent(to: old["parameters"].value ?? .emptyObject) {
            findings.forbidden(object["parameters"], "updates to parameters are forbidden.")
        }
        if object["provisioner"].string != old["provisioner"].string {
            findings.forbidden(object["provisioner"], "updates to provisioner are forbidden.")
        }
        if object["reclaimPolicy"].string != old["reclaimPolicy"].string {
            findings.forbidden(object["reclaimPolicy"], "updates to reclaimPolicy are forbidden.")
        }
        findings.immutable(object["volumeBindingMode"], old["volumeBindingMode"])
    }

    @Sendable static func volumeAttachment(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        findings.require(spec["attacher"])
        findings.require(spec["nodeName"])
        let sources = spec["source"].set(among: ["persistentVolumeName", "inlineVolumeSpec"])
        if sources.isEmpty {
            findings.missing(spec["source"], "must specify exactly one of inlineVolumeSpec and persistentVolumeName")
        }
        if let old { findings.immutable(spec, old["spec"]) }
    }
}
