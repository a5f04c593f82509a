import KubeAPI

/// PersistentVolume and PersistentVolumeClaim.
extension Validation {
    // MARK: - PersistentVolume

    private static let plainFields: Set<String> = [
        "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions",
        "volumeMode", "nodeAffinity", "volumeAttributesClassName",
    ]

    private static func volumeSources(_ spec: FieldCursor) -> [FieldCursor] {
        (spec.value?.object?.members ?? []).map(\.key).filter { !plainFields.contains($0) }
            .map { spec[$0] }.filter(\.isSet)
    }

    @Sendable static func persistentVolume(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        accessModes(spec, "", &findings)
        volumeCapacity(spec["capacity"], &findings)
        if spec["nodeAffinity"].isSet {
            let required = spec["nodeAffinity"]["required"]
            if required.isSet {
                findings.nodeSelector(required)
            } else {
                findings.missing(required, "must specify required node constraints")
            }
        }
        let sources = volumeSources(spec)
        if sources.isEmpty { findings.missing(spec, "must specify a volume type") }
        for extra in sources.dropFirst() { findings.forbidden(extra, "may not specify more than 1 volume type") }
        volumeSource(spec, &findings)
        findings.expect(spec["storageClassName"], NameFormats.dns1123Subdomain)
        let attributes = spec["volumeAttributesClassName"]
        if attributes.isSet {
            findings.require(attributes, "an empty string is disallowed")
            findings.expect(attributes, NameFormats.dns1123Subdomain)
            if !spec["csi"].isSet {
                findings.missing(spec["csi"], "has to be specified when using volumeAttributesClassName")
            }
        }
        if let old { volumeUpdate(spec, old["spec"], &findings) }
    }

    private static func volumeCapacity(_ capacity: FieldCursor, _ findings: inout Findings) {
        findings.require(capacity)
        if !capacity["storage"].isSet || capacity.count > 1 {
            findings.notSupported(capacity.holding(capacity.value ?? .emptyObject), ["storage"])
        }
        for (_, amount) in capacity.entries { findings.quantity(amount, allowsZero: false) }
    }

    private static func volumeSource(_ spec: FieldCursor, _ findings: inout Findings) {
        let host = spec["hostPath"]
        if host.isSet {
            findings.require(host["path"])
            if !host["path"].isEmpty { findings.noBacksteps(host["path"]) }
            let isRoot = host["path"].string.hasPrefix("/") && host["path"].string.allSatisfy { "/.".contains($0) }
            if isRoot, spec["persistentVolumeReclaimPolicy"].string == "Recycle" {
                findings.forbidden(
                    spec["persistentVolumeReclaimPolicy"], "may not be 'recycle' for a hostPath mount of '/'")
            }
        }
        let local = spec["local"]
        if local.isSet {
            findings.require(local["path"])
            if !local["path"].isEmpty { findings.noBacksteps(local["path"]) }
            if !spec["nodeAffinity"]["required"].isSet {
                findings.missing(spec["nodeAffinity"], "Local volume requires node affinity")
            }
        }
        let nfs = spec["nfs"]
        if nfs.isSet {
            for name in ["server", "path"] { findings.require(nfs[name]) }
            if !nfs["path"].string.hasPrefix("/") { findings.invalid(nfs["path"], "must be an absolute path") }
        }
        if spec["csi"].isSet { driverSource(spec["csi"], &findings) }
    }

    private static func driverSource(_ source: FieldCursor, _ findings: inout Findings) {
        findings.driverName(source["driver"])
        findings.require(source["volumeHandle"])
        for name in [
            "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef",
        ] where source[name].isSet {
            for part in ["name", "namespace"] { findings.require(source[name][part]) }
        }
    }

    private static func volumeUpdate(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let (sources, before) = (volumeSources(spec), volumeSources(old))
        func fixed(_ source: FieldCursor) -> JSONValue {
            var value = source.value ?? .null
            // It may be set once.
            if !old["csi"]["controllerExpandSecretRef"].isSet { value[path: "controllerExpandSecretRef"] = nil }
            return value
        }
        let isSame =
            sources.map(\.path) == before.map(\.path)
            && zip(sources, before).allSatisfy { fixed($0).isEquivalent(to: fixed($1)) }
        if !isSame {
            findings.forbidden(
                spec["persistentvolumesource"], "spec.persistentvolumesource is immutable after creation")
        }
        // Upstream leaves spec out of these two paths.
        findings.immutable(spec["volumeMode"].placed(at: "volumeMode"), old["volumeMode"])
        findings.immutableOnceSet(spec["nodeAffinity"].placed(at: "nodeAffinity"), old["nodeAffinity"])
        attributesUpdate(spec, old, isEmptyAllowed: true, &findings)
    }

    private static func attributesUpdate(
        _ spec: FieldCursor, _ old: FieldCursor, isEmptyAllowed: Bool, _ findings: inout Findings
    ) {
        let (now, before) = (spec["volumeAttributesClassName"], old["volumeAttributesClassName"])
        guard before.isSet, now.value != before.value else { return }
        if !now.isSet {
            findings.forbidden(now, "update from non-nil value to nil is forbidden")
        } else if now.isEmpty, !isEmptyAllowed {
            findings.forbidden(now, "update from non-nil value to an empty string is forbidden")
        }
    }

    // MARK: - What both have

    private static let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

    private static func accessModes(_ spec: FieldCursor, _ whenEmpty: String, _ findings: inout Findings) {
        let list = spec["accessModes"]
        findings.require(list, whenEmpty)
        for mode in list.items { findings.expect(mode.placed(at: list.path), oneOf: modes) }
        let names = Set(list.items.map(\.string)).intersection(modes)
        if names.contains("ReadWriteOncePod"), names.count > 1 {
            findings.forbidden(list, "may not use ReadWriteOncePod with other access modes")
        }
    }

    // MARK: - PersistentVolumeClaim

    @Sendable static func persistentVolumeClaim(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        claimSpec(object["spec"], &findings)
        if let old { claimUpdate(object, old, &findings) }
    }

    /// Of a claim or of what claims are made from.
    static func claimSpec(_ spec: FieldCursor, _ findings: inout Findings) {
        accessModes(spec, "at least 1 access mode is required", &findings)
        findings.labelSelector(spec["selector"])
        let size = spec["resources"]["requests"][key: "storage"].placed(at: "\(spec["resources"].path)[storage]")
        if size.isSet { findings.quantity(size, allowsZero: false) } else { findings.missing(size) }
        findings.expect(spec["storageClassName"], NameFormats.dns1123Subdomain)
        let (source, reference) = (spec["dataSource"], spec["dataSourceRef"])
        for field in [source, reference] where field.isSet { dataSource(field, &findings) }
        findings.expect(reference["namespace"], NameFormats.dns1123Label)
        if source.isSet, reference.isSet {
            let place = spec.holding(.string(source.path))
            if !reference["namespace"].isEmpty {
                findings.invalid(place, "may not be specified when dataSourceRef.namespace is specified")
            } else if ["apiGroup", "kind", "name"].contains(where: { source[$0].value != reference[$0].value }) {
                findings.invalid(place, "must match dataSourceRef")
            }
        }
        findings.expect(spec["volumeAttributesClassName"], NameFormats.dns1123Subdomain)
    }

    private static func dataSource(_ source: FieldCursor, _ findings: inout Findings) {
        for name in ["name", "kind"] { findings.require(source[name]) }
        if source["apiGroup"].isEmpty, source["kind"].string != "PersistentVolumeClaim" {
            findings.invalid(
                source.holding(.string(source["kind"].string)),
                "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
        }
        findings.expect(source["apiGroup"], NameFormats.dns1123Subdomain)
    }

    private static func claimUpdate(_ object: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let (spec, before) = (object["spec"], old["spec"])
        let isBound = object["status"]["phase"].string == "Bound"
        func fixed(_ spec: FieldCursor) -> JSONValue {
            var value = spec.value ?? .emptyObject
            if isBound { value[path: "resources", "requests", "storage"] = nil }
            value[path: "volumeAttributesClassName"] = nil
            if before["volumeName"].isEmpty { value[path: "volumeName"] = nil }
            if !before["storageClassName"].isSet { value[path: "storageClassName"] = nil }
            return value
        }
        if !fixed(spec).isEquivalent(to: fixed(before)) {
            findings.forbidden(
                spec,
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            )
        }
        func storage(_ field: FieldCursor) -> Quantity? {
            (field[key: "storage"].value?.string).flatMap { try? Quantity(parsing: $0) }
        }
        let size = spec["resources"]["requests"]
        if let now = storage(size), let was = storage(before["resources"]["requests"]), now < was {
            let capacity = storage(old["status"]["capacity"])
            if let capacity, now <= capacity {
                findings.forbidden(size["storage"], "field can not be less than status.capacity")
            }
        }
        findings.immutable(spec["volumeMode"].placed(at: "volumeMode"), before["volumeMode"])
        attributesUpdate(spec, before, isEmptyAllowed: false, &findings)
    }
}
