import KubeAPI

/// The container storage interface: CSIDriver, CSINode, CSIStorageCapacity and VolumeAttributesClass.
extension Validation {
    @Sendable static func csiDriver(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        findings.driverName(object["metadata"]["name"])
        for name in ["attachRequired", "podInfoOnMount", "storageCapacity"] where !spec[name].isSet {
            findings.missing(spec[name])
        }
        for mode in spec["volumeLifecycleModes"].items { findings.expect(mode, oneOf: ["Ephemeral", "Persistent"]) }
        findings.unique(spec["tokenRequests"].items.map { $0["audience"] })
        for request in spec["tokenRequests"].items {
            guard let seconds = request["expirationSeconds"].integer else { continue }
            if seconds < 600 {
                findings.invalid(request["expirationSeconds"], "may not specify a duration less than 10 minutes")
            }
            if seconds > 1 << 32 {
                findings.invalid(request["expirationSeconds"], "may not specify a duration larger than 2^32 seconds")
            }
        }
        findings.atLeast(spec["nodeAllocatableUpdatePeriodSeconds"], 10)
        guard let old else { return }
        for name in ["attachRequired", "volumeLifecycleModes"] { findings.immutable(spec[name], old["spec"][name]) }
    }

    @Sendable static func csiNode(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let drivers = object["spec"]["drivers"].items
        findings.unique(drivers.map { $0["name"] })
        for driver in drivers {
            findings.driverName(driver["name"])
            findings.require(driver["nodeID"])
            findings.atMost(driver["nodeID"], bytes: 256)
            findings.unique(driver["topologyKeys"].items)
            for key in driver["topologyKeys"].items { findings.requireFormat(key, NameFormats.qualifiedName) }
            findings.nonNegative(driver["allocatable"]["count"])
            let before = old?["spec"]["drivers"].items.first { $0["name"].string == driver["name"].string }
            guard let before else { continue }
            for name in ["nodeID", "topologyKeys"] { findings.immutable(driver[name], before[name]) }
        }
    }

    @Sendable static func csiStorageCapacity(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        findings.requireFormat(object["storageClassName"], NameFormats.dns1123Subdomain)
        findings.labelSelector(object["nodeTopology"])
        for name in ["capacity", "maximumVolumeSize"] { findings.quantity(object[name]) }
        guard let old else { return }
        for name in ["nodeTopology", "storageClassName"] { findings.immutable(object[name], old[name]) }
    }

    @Sendable static func volumeAttributesClass(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        findings.driverName(object["driverName"])
        let parameters = object["parameters"]
        let bytes = parameters.entries.reduce(0) { $0 + $1.key.utf8.count + $1.cursor.string.utf8.count }
        if parameters.isEmpty { findings.missing(parameters, "must contain at least one key/value pair") }
        if parameters.count > 512 { findings.tooLong(parameters, 512) }
        if bytes > 262_144 { findings.tooLong(parameters, 262_144) }
        if parameters.entries.contains(where: \.key.isEmpty) {
            findings.invalid(parameters, "field name must not be empty")
        }
        guard let old else { return }
        for name in ["driverName", "parameters"] {
            if !(object[name].value ?? .null).isEquivalent(to: old[name].value ?? .null) {
                findings.forbidden(object[name], "updates to \(name) are forbidden.")
            }
        }
    }
}
