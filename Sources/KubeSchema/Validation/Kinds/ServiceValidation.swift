import KubeAPI

extension Validation {
    @Sendable static func service(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        let type = spec["type"].string
        let isHeadless = isHeadless(spec)
        topologyMode(object["metadata"]["annotations"], &findings)
        if spec["ports"].isEmpty, !isHeadless, type != "ExternalName" { findings.missing(spec["ports"]) }
        serviceType(spec, type, isHeadless, &findings)
        servicePorts(spec, type, &findings)
        findings.labels(spec["selector"])
        sessionAffinity(spec, &findings)
        if type != "ExternalName" { ServiceAddresses(spec).check(&findings) }
        for address in spec["externalIPs"].items { findings.ordinaryAddress(address) }
        if type.isEmpty { findings.missing(spec["type"]) }
        loadBalancer(spec, type, &findings)
        trafficPolicies(spec, type, &findings)
        findings.expect(
            spec["trafficDistribution"], oneOf: ["PreferClose", "PreferSameNode", "PreferSameZone"])
        if let old { serviceUpdate(spec, old["spec"], &findings) }
    }

    static func isHeadless(_ spec: FieldCursor) -> Bool {
        spec["clusterIPs"].count < 2 && spec["clusterIP"].string == "None" && spec["type"].string != "ExternalName"
    }

    private static func topologyMode(_ annotations: FieldCursor, _ findings: inout Findings) {
        let older = "service.kubernetes.io/topology-aware-hints"
        let (mode, hints) = (annotations[key: "service.kubernetes.io/topology-mode"], annotations[key: older])
        if mode.isSet, hints.isSet, mode.value != hints.value {
            findings.invalid(mode, "must match annotations[\(older)] when both are specified")
        }
    }

    private static func serviceType(
        _ spec: FieldCursor, _ type: String, _ isHeadless: Bool, _ findings: inout Findings
    ) {
        switch type {
        case "LoadBalancer", "NodePort":
            if isHeadless {
                let field = FieldCursor("None", at: "\(spec["clusterIPs"].path)[0]")
                findings.invalid(field, "may not be set to 'None' for \(type) services")
            }
            guard type == "LoadBalancer" else { break }
            for port in spec["ports"].items where port["port"].integer == 10250 {
                findings.invalid(
                    port.holding(port["port"].value), "may not expose port 10250 externally since it is used by kubelet"
                )
            }
        case "ExternalName":
            for name in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] where !spec[name].isEmpty {
                findings.forbidden(spec[name], "may not be set for ExternalName services")
            }
            let name = spec["externalName"]
            let text = name.string.hasSuffix(".") ? String(name.string.dropLast()) : name.string
            if text.isEmpty {
                findings.missing(name)
            } else {
                findings.invalid(name.holding(.string(text)), NameFormats.dns1123Subdomain(text))
            }
        default: break
        }
    }

    private static func servicePorts(_ spec: FieldCursor, _ type: String, _ findings: inout Findings) {
        let ports = spec["ports"].items
        for port in ports {
            findings.servedPort(port, isOnly: ports.count < 2)
            if port["targetPort"].isSet { findings.portOrName(port["targetPort"]) }
            findings.expect(port["appProtocol"], NameFormats.qualifiedName)
            if let node = port["nodePort"].integer, node != 0, type == "ClusterIP" || type.isEmpty {
                findings.forbidden(port["nodePort"], "may not be used when `type` is 'ClusterIP'")
            }
        }
        findings.unique(ports.map { $0["name"] })
        var seen: Set<JSONValue> = []
        for port in ports {
            let key: JSONValue = [
                "protocol": port["protocol"].value ?? "TCP", "port": port["port"].value ?? 0,
            ]
            if !seen.insert(key).inserted { findings.add(FieldError(.duplicate, port.path, key)) }
        }
        var nodePorts: Set<JSONValue> = []
        for port in ports where (port["nodePort"].integer ?? 0) != 0 {
            let key: JSONValue = [port["protocol"].value ?? "TCP", port["nodePort"].value ?? 0]
            if !nodePorts.insert(key).inserted { findings.duplicate(port["nodePort"]) }
        }
    }

    private static func sessionAffinity(_ spec: FieldCursor, _ findings: inout Findings) {
        findings.require(spec["sessionAffinity"])
        let config = spec["sessionAffinityConfig"]
        switch spec["sessionAffinity"].string {
        case "ClientIP":
            let reason = "when session affinity type is ClientIP"
            guard config.isSet else { return findings.missing(config, reason) }
            guard config["clientIP"].isSet else { return findings.missing(config["clientIP"], reason) }
            let timeout = config["clientIP"]["timeoutSeconds"]
            guard let seconds = timeout.integer else { return findings.missing(timeout, reason) }
            if !(1...86400).contains(seconds) {
                findings.invalid(timeout, "must be greater than 0 and less than 86400")
            }
        case "None" where config.isSet:
            findings.forbidden(config, "must not be set when session affinity is None")
        default: break
        }
    }

    private static func loadBalancer(_ spec: FieldCursor, _ type: String, _ findings: inout Findings) {
        let isLoadBalancer = type == "LoadBalancer"
        let reason = "may only be used when `type` is 'LoadBalancer'"
        let ranges = spec["LoadBalancerSourceRanges"].holding(spec["loadBalancerSourceRanges"].value)
        if !ranges.isEmpty {
            if !isLoadBalancer { findings.forbidden(ranges, reason) }
            for range in ranges.items {
                let text = range.string.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                findings.cidr(range.holding(.string(text)))
            }
        }
        if spec["allocateLoadBalancerNodePorts"].isSet, !isLoadBalancer {
            findings.forbidden(spec["allocateLoadBalancerNodePorts"], reason)
        }
        if spec["loadBalancerClass"].isSet {
            if isLoadBalancer {
                findings.invalid(
                    spec["loadBalancerClass"], NameFormats.qualifiedName(spec["loadBalancerClass"].string))
            } else {
                findings.forbidden(spec["loadBalancerClass"], reason)
            }
        }
    }

    private static func trafficPolicies(_ spec: FieldCursor, _ type: String, _ findings: inout Findings) {
        let external = spec["externalTrafficPolicy"]
        let isExternal =
            type == "NodePort" || type == "LoadBalancer" || type == "ClusterIP" && !spec["externalIPs"].isEmpty
        if isExternal {
            findings.require(external)
        } else if !external.isEmpty {
            findings.invalid(external, "may only be set for externally-accessible services")
        }
        let health = spec["healthCheckNodePort"]
        let checksHealth = type == "LoadBalancer" && external.string == "Local"
        if checksHealth {
            if (health.integer ?? 0) == 0 { findings.missing(health) } else { findings.port(health) }
        } else if (health.integer ?? 0) != 0 {
            findings.invalid(
                health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")
        }
        if type != "ExternalName" { findings.require(spec["internalTrafficPolicy"]) }
    }

    private static func serviceUpdate(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let (type, before) = (spec["type"].string, old["type"].string)
        if type != "ExternalName", before != "ExternalName" { ServiceAddresses(spec).check(since: old, &findings) }
        if type == "LoadBalancer", before == "LoadBalancer" {
            findings.immutable(spec["loadBalancerClass"], old["loadBalancerClass"], "may not change once set")
            if spec["externalTrafficPolicy"].string == "Local", old["externalTrafficPolicy"].string == "Local",
                spec["healthCheckNodePort"].integer != old["healthCheckNodePort"].integer
            {
                findings.forbidden(spec["healthCheckNodePort"], "field is immutable")
            }
        }
    }
}
