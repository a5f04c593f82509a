import KubeAPI

/// Dynamic resource allocation: ResourceClaim, ResourceClaimTemplate and DeviceClass. Expressions in CEL are not compiled.
extension Validation {
    @Sendable static func resourceClaim(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        deviceClaim(object["spec"]["devices"], &findings)
        guard let old else { return }
        findings.immutable(object["spec"], old["spec"])
        claimStatus(object["status"], old["status"], requests(of: object["spec"]["devices"]), &findings)
    }

    @Sendable static func resourceClaimTemplate(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        findings.labels(object["spec"]["metadata"]["labels"])
        deviceClaim(object["spec"]["spec"]["devices"], &findings)
        if let old { findings.immutable(object["spec"], old["spec"]) }
    }

    @Sendable static func deviceClass(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        selectors(object["spec"]["selectors"], &findings)
        findings.atMost(object["spec"]["config"], items: 32)
        for entry in object["spec"]["config"].items { opaque(entry["opaque"], &findings) }
        findings.expect(object["spec"]["extendedResourceName"], NameFormats.qualifiedName)
    }

    // MARK: - What is asked for

    private static func deviceClaim(_ devices: FieldCursor, _ findings: inout Findings) {
        findings.atMost(devices["requests"], items: 32)
        findings.unique(devices["requests"].items.map { $0["name"] })
        for request in devices["requests"].items { deviceRequest(request, &findings) }
        let known = requests(of: devices)
        findings.atMost(devices["constraints"], items: 32)
        for constraint in devices["constraints"].items {
            references(constraint["requests"], known, &findings)
            let attributes = constraint.set(among: ["matchAttribute", "distinctAttribute"])
            if attributes.isEmpty { findings.missing(constraint["matchAttribute"]) }
            for attribute in attributes { qualifiedAttribute(attribute, &findings) }
        }
        findings.atMost(devices["config"], items: 32)
        for entry in devices["config"].items {
            references(entry["requests"], known, &findings)
            opaque(entry["opaque"], &findings)
        }
    }

    /// Names of requests, and of their alternatives behind them.
    private static func requests(of devices: FieldCursor) -> Set<String> {
        var names: Set<String> = []
        for request in devices["requests"].items {
            names.insert(request["name"].string)
            for alternative in request["firstAvailable"].items {
                names.insert("\(request["name"].string)/\(alternative["name"].string)")
            }
        }
        return names
    }

    private static func references(_ field: FieldCursor, _ known: Set<String>, _ findings: inout Findings) {
        findings.atMost(field, items: 32)
        findings.unique(field.items)
        for name in field.items where !known.contains(name.string) {
            findings.invalid(
                name,
                "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")
        }
    }

    private static func deviceRequest(_ request: FieldCursor, _ findings: inout Findings) {
        findings.requireFormat(request["name"], NameFormats.dns1123Label)
        let (exactly, alternatives) = (request["exactly"], request["firstAvailable"])
        switch (exactly.isSet, !alternatives.isEmpty) {
        case (true, false): deviceChoice(exactly, &findings)
        case (false, true):
            findings.atMost(alternatives, items: 8)
            findings.unique(alternatives.items.map { $0["name"] })
            for alternative in alternatives.items {
                findings.requireFormat(alternative["name"], NameFormats.dns1123Label)
                deviceChoice(alternative, &findings)
            }
        case (false, false):
            findings.missing(request, "exactly one of `exactly` or `firstAvailable` is required")
        case (true, true):
            findings.invalid(
                request, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set")
        }
    }

    private static func deviceChoice(_ choice: FieldCursor, _ findings: inout Findings) {
        findings.requireFormat(choice["deviceClassName"], NameFormats.dns1123Subdomain)
        selectors(choice["selectors"], &findings)
        let count = FieldCursor(choice["count"].value ?? 0, at: choice["count"].path)
        switch choice["allocationMode"].string {
        case "All":
            if count.integer != 0 { findings.invalid(count, "must not be specified when allocationMode is 'All'") }
        case "ExactCount": if count.integer ?? 0 <= 0 { findings.invalid(count, "must be greater than zero") }
        default: findings.require(choice["allocationMode"])
        }
        findings.atMost(choice["tolerations"], items: 16)
        for toleration in choice["tolerations"].items { deviceToleration(toleration, &findings) }
        for (_, quantity) in choice["capacity"]["requests"].entries { findings.quantity(quantity) }
    }

    private static func deviceToleration(_ toleration: FieldCursor, _ findings: inout Findings) {
        findings.expect(toleration["key"], NameFormats.qualifiedName)
        switch toleration["operator"].string {
        case "Exists":
            if !toleration["value"].isEmpty {
                findings.invalid(toleration["value"], "must be empty when `operator` is `Exists`")
            }
        case "Equal":
            findings.expect(toleration["value"], NameFormats.labelValue)
            findings.require(toleration["key"], "must be set when `operator` is `Equal`")
        default: findings.require(toleration["operator"])
        }
    }

    private static func selectors(_ field: FieldCursor, _ findings: inout Findings) {
        findings.atMost(field, items: 32)
        for selector in field.items {
            guard selector["cel"].isSet else {
                findings.missing(selector["cel"])
                continue
            }
            findings.require(selector["cel"]["expression"])
            findings.atMost(selector["cel"]["expression"], bytes: 10_240)
        }
    }

    private static func opaque(_ field: FieldCursor, _ findings: inout Findings) {
        guard field.isSet else { return findings.missing(field) }
        resourceDriver(field["driver"], &findings)
        let parameters = field["parameters"]
        guard let value = parameters.value else { return findings.missing(parameters) }
        if value.object == nil { findings.invalid(parameters, "parameters must be a valid JSON object") }
        if JSONWriter.bytes(value).count > 10_240 { findings.tooLong(parameters, 10_240) }
    }

    static func resourceDriver(_ driver: FieldCursor, _ findings: inout Findings) {
        findings.atMost(driver, bytes: 63)
        findings.requireFormat(driver) { NameFormats.dns1123Subdomain($0.lowercased()) }
    }

    /// A name of an attribute or a capacity, which may bear its domain.
    static func qualifiedAttribute(_ field: FieldCursor, isDomainNeeded: Bool = true, _ findings: inout Findings) {
        let parts = field.string.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, !field.string.isEmpty else { return findings.missing(field) }
        if parts.count == 2 {
            if parts[0].utf8.count > 63 { findings.tooLong(field, 63) }
            findings.invalid(field, NameFormats.dns1123Subdomain(parts[0]))
        } else if isDomainNeeded {
            findings.invalid(field, "must include a domain")
        }
        if name.utf8.count > 32 { findings.tooLong(field, 32) }
        findings.invalid(field, NameFormats.cIdentifier(name))
    }

    // MARK: - What was given

    private static func claimStatus(
        _ status: FieldCursor, _ old: FieldCursor, _ known: Set<String>, _ findings: inout Findings
    ) {
        let (allocation, users) = (status["allocation"], status["reservedFor"])
        let results = allocation["devices"]["results"]
        findings.atMost(results, items: 32)
        for result in results.items {
            references(
                FieldCursor(.array([.string(result["request"].string)]), at: "\(result.path).request"), known, &findings
            )
            resourceDriver(result["driver"], &findings)
            poolName(result["pool"], &findings)
            findings.requireFormat(result["device"], NameFormats.dns1123Label)
        }
        if old["allocation"].isSet, allocation.isSet { findings.immutable(allocation, old["allocation"]) }
        findings.atMost(users, items: 256)
        findings.unique(users.items.map { $0["uid"] })
        for user in users.items { for name in ["resource", "name", "uid"] { findings.require(user[name]) } }
        if !users.isEmpty, !allocation.isSet {
            findings.forbidden(users, "may not be specified when `allocated` is not set")
        }
        for device in status["devices"].items {
            findings.atMost(device["conditions"], items: 8)
            if let data = device["data"].value, JSONWriter.bytes(data).count > 10_240 {
                findings.tooLong(device["data"], 10_240)
            }
        }
    }
}
