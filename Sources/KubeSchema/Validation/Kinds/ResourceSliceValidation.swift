import KubeAPI

extension Validation {
    @Sendable static func resourceSlice(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, pool) = (object["spec"], object["spec"]["pool"])
        resourceDriver(spec["driver"], &findings)
        poolName(pool["name"], &findings)
        if pool["resourceSliceCount"].integer ?? 0 <= 0 {
            findings.invalid(
                FieldCursor(pool["resourceSliceCount"].value ?? 0, at: pool["resourceSliceCount"].path),
                "must be greater than zero")
        }
        findings.nonNegative(pool["generation"])
        nodesOf(spec, among: ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"], &findings)
        findings.expect(spec["nodeName"], NameFormats.dns1123Subdomain)
        devices(spec, &findings)
        guard let old = old?["spec"] else { return }
        findings.immutable(spec["driver"], old["driver"])
        findings.immutable(pool["name"], old["pool"]["name"])
        findings.immutable(spec["nodeName"], old["nodeName"])
    }

    /// Subdomains with slashes between them.
    static func poolName(_ field: FieldCursor, _ findings: inout Findings) {
        guard !field.isEmpty else { return findings.missing(field) }
        findings.atMost(field, bytes: 253)
        for part in field.string.split(separator: "/", omittingEmptySubsequences: false) {
            findings.invalid(field, NameFormats.dns1123Subdomain(String(part)))
        }
    }

    private static func nodesOf(_ field: FieldCursor, among names: [String], _ findings: inout Findings) {
        let chosen = field.set(among: names).filter { !$0.isEmpty && $0.value != .bool(false) }
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        if chosen.isEmpty { findings.missing(field, "exactly one of \(list) is required") }
        if chosen.count > 1 {
            let set =
                "{\(chosen.map { $0.path.split(separator: ".").last.map(String.init) ?? "" }.joined(separator: ", "))}"
            findings.invalid(
                FieldCursor(.string(set), at: field.path),
                "exactly one of \(list) is required, but multiple fields are set")
        }
    }

    private static func devices(_ spec: FieldCursor, _ findings: inout Findings) {
        let devices = spec["devices"]
        let isAdvanced = devices.items.contains { !$0["taints"].isEmpty || !$0["consumesCounters"].isEmpty }
        findings.atMost(devices, items: isAdvanced ? 64 : 128)
        findings.unique(devices.items.map { $0["name"] })
        for device in devices.items { self.device(device, perDevice: spec["perDeviceNodeSelection"].isTrue, &findings) }
        findings.atMost(spec["sharedCounters"], items: 8)
        findings.unique(spec["sharedCounters"].items.map { $0["name"] })
        for set in spec["sharedCounters"].items {
            findings.requireFormat(set["name"], NameFormats.dns1123Label)
            findings.require(set["counters"])
            for (_, counter) in set["counters"].entries { findings.quantity(counter["value"]) }
        }
    }

    private static func device(_ device: FieldCursor, perDevice: Bool, _ findings: inout Findings) {
        findings.requireFormat(device["name"], NameFormats.dns1123Label)
        let (attributes, capacity) = (device["attributes"], device["capacity"])
        if attributes.count + capacity.count > 32 {
            findings.invalid(
                FieldCursor(.integer(Int64(attributes.count + capacity.count)), at: device.path),
                "the total number of attributes and capacities must not exceed 32")
        }
        for (name, attribute) in attributes.entries {
            qualifiedAttribute(FieldCursor(.string(name), at: attributes.path), isDomainNeeded: false, &findings)
            let values = attribute.set(among: ["bool", "int", "string", "version"])
            if values.count != 1 { findings.missing(attribute, "exactly one value must be specified") }
            for text in values where text.value?.string != nil { findings.atMost(text, bytes: 64) }
        }
        for (name, entry) in capacity.entries {
            qualifiedAttribute(FieldCursor(.string(name), at: capacity.path), isDomainNeeded: false, &findings)
            findings.quantity(entry["value"])
        }
        findings.atMost(device["taints"], items: 16)
        for taint in device["taints"].items {
            findings.requireFormat(taint["key"], NameFormats.qualifiedName)
            findings.expect(taint["value"], NameFormats.labelValue)
            findings.require(taint["effect"])
        }
        if perDevice { nodesOf(device, among: ["nodeName", "nodeSelector", "allNodes"], &findings) }
    }
}
