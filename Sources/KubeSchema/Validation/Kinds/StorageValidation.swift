import KubeAPI

/// StorageClass and VolumeAttachment.
extension Validation {
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
        findings.expect(object["reclaimPolicy"], oneOf: ["Delete", "Retain"])
        findings.require(object["volumeBindingMode"])
        for term in object["allowedTopologies"].items {
            for requirement in term["matchLabelExpressions"].items {
                findings.require(requirement["values"])
                findings.unique(requirement["values"].items)
                findings.invalid(requirement["key"], NameFormats.qualifiedName(requirement["key"].string))
            }
        }
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
