import KubeAPI
import NetTypes

extension Validation {
    // MARK: - Ingress

    @Sendable static func ingress(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        if spec["rules"].isEmpty, !spec["defaultBackend"].isSet {
            findings.invalid(
                spec["rules"].holding(spec["rules"].value ?? []),
                "either `defaultBackend` or `rules` must be specified")
        }
        if spec["defaultBackend"].isSet { backend(spec["defaultBackend"], &findings) }
        for tls in spec["tls"].items {
            for host in tls["hosts"].items { ingressHost(host, &findings) }
        }
        for rule in spec["rules"].items {
            if !rule["host"].isEmpty {
                if IPAddress(rule["host"].string) != nil {
                    findings.invalid(rule["host"], "must be a DNS name, not an IP address")
                }
                ingressHost(rule["host"], &findings)
            }
            guard rule["http"].isSet else { continue }
            findings.require(rule["http"]["paths"])
            for path in rule["http"]["paths"].items { ingressPath(path, &findings) }
        }
        findings.expect(spec["ingressClassName"], NameFormats.dns1123Subdomain)
        let annotation = object["metadata"]["annotations"][key: "kubernetes.io/ingress.class"]
        if old == nil, annotation.isSet, spec["ingressClassName"].isSet,
            annotation.string != spec["ingressClassName"].string
        {
            findings.invalid(annotation, "must match `ingressClassName` when both are specified")
        }
        for entry in object["status"]["loadBalancer"]["ingress"].items {
            if !entry["ip"].isEmpty { findings.address(entry["ip"]) }
            if !entry["hostname"].isEmpty, IPAddress(entry["hostname"].string) != nil {
                findings.invalid(entry["hostname"], "must be a DNS name, not an IP address")
            }
        }
    }

    private static func ingressHost(_ host: FieldCursor, _ findings: inout Findings) {
        let isWildcard = host.string.contains("*")
        findings.invalid(
            host,
            isWildcard ? NameFormats.wildcardDNS1123Subdomain(host.string) : NameFormats.dns1123Subdomain(host.string))
    }

    private static func ingressPath(_ item: FieldCursor, _ findings: inout Findings) {
        let (path, type) = (item["path"], item["pathType"])
        if type.isEmpty { findings.missing(type, "pathType must be specified") }
        switch type.string {
        case "Exact", "Prefix":
            let text = path.holding(.string(path.string))
            if !path.string.hasPrefix("/") { findings.invalid(text, "must be an absolute path") }
            for part in ["//", "/./", "/../", "%2f", "%2F"] where path.string.contains(part) {
                findings.invalid(text, "must not contain '\(part)'")
            }
            for end in ["/..", "/."] where path.string.hasSuffix(end) {
                findings.invalid(text, "cannot end with '\(end)'")
            }
        case "ImplementationSpecific" where !path.isEmpty && !path.string.hasPrefix("/"):
            findings.invalid(path, "must be an absolute path")
        default: break
        }
        backend(item["backend"], &findings)
    }

    private static func backend(_ backend: FieldCursor, _ findings: inout Findings) {
        let (service, resource) = (backend["service"], backend["resource"])
        switch (service.isSet, resource.isSet) {
        case (true, true):
            findings.invalid(
                backend.holding(""), "cannot set both resource and service backends")
        case (false, false):
            findings.missing(backend, "port name or number is required")
        case (true, false):
            findings.requireFormat(service["name"], NameFormats.dns1123Label)
            let port = service["port"]
            switch (port["name"].isEmpty, (port["number"].integer ?? 0) == 0) {
            case (true, true): findings.missing(service, "port name or number is required")
            case (false, false):
                findings.invalid(service.holding(""), "cannot set both port name & port number")
            case (false, true): findings.invalid(port["name"], NameFormats.portName(port["name"].string))
            case (true, false): findings.port(port["number"])
            }
        case (false, true):
            findings.require(resource["kind"])
            findings.require(resource["name"])
        }
    }

    @Sendable static func ingressClass(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (controller, parameters) = (object["spec"]["controller"], object["spec"]["parameters"])
        if controller.string.utf8.count > 250 { findings.tooLong(controller, 250) }
        findings.domainPrefixedPath(controller)
        if parameters.isSet {
            findings.require(parameters["kind"])
            findings.require(parameters["name"])
            findings.require(parameters["scope"])
            if parameters["scope"].string == "Namespace" {
                findings.require(parameters["namespace"], "`parameters.scope` is set to 'Namespace'")
            } else if parameters["namespace"].isSet {
                findings.forbidden(parameters["namespace"], "`parameters.scope` is set to 'Cluster'")
            }
        }
        if let old { findings.immutable(controller, old["spec"]["controller"]) }
    }

    // MARK: - NetworkPolicy

    @Sendable static func networkPolicy(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        findings.labelSelector(spec["podSelector"])
        for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
            for rule in spec[rules].items {
                for port in rule["ports"].items { policyPort(port, &findings) }
                for peer in rule[peers].items { policyPeer(peer, &findings) }
            }
        }
        let types = spec["policyTypes"]
        if types.count > 2 { findings.invalid(types, "may not specify more than two policyTypes") }
        for type in types.items where !["Egress", "Ingress"].contains(type.string) {
            findings.notSupported(type.placed(at: types.path), ["Egress", "Ingress"])
        }
    }

    private static func policyPort(_ port: FieldCursor, _ findings: inout Findings) {
        let end = port["endPort"]
        if port["port"].isSet { findings.portOrName(port["port"]) }
        guard let last = end.integer else { return }
        if port["port"].value?.string != nil {
            findings.invalid(end, "may not be specified when `port` is non-numeric")
        } else if let first = port["port"].integer {
            if last < first { findings.invalid(end, "must be greater than or equal to `port`") }
            findings.port(end)
        } else {
            findings.invalid(end, "may not be specified when `port` is not specified")
        }
    }

    private static func policyPeer(_ peer: FieldCursor, _ findings: inout Findings) {
        let selectors = peer.set(among: ["podSelector", "namespaceSelector"])
        for selector in selectors { findings.labelSelector(selector) }
        let block = peer["ipBlock"]
        guard block.isSet else {
            if selectors.isEmpty { findings.missing(peer, "must specify a peer") }
            return
        }
        if !selectors.isEmpty {
            findings.forbidden(peer, "may not specify both ipBlock and another peer")
        }
        if block["cidr"].isEmpty { return findings.missing(block["cidr"]) }
        let range = findings.cidr(block["cidr"])
        for except in block["except"].items {
            guard let hole = findings.cidr(except), let range else { continue }
            if !range.contains(hole) || range.prefixLength >= hole.prefixLength {
                findings.invalid(except, "must be a strict subset of `cidr`")
            }
        }
    }

    // MARK: - ServiceCIDR, IPAddress

    @Sendable static func serviceCIDR(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let list = object["spec"]["cidrs"]
        if list.isEmpty { return findings.missing(list, "at least one CIDR required") }
        if list.count > 2 {
            findings.invalid(list, "may only hold up to 2 values")
        }
        var families: [IPFamily] = []
        for item in list.items {
            guard let cidr = findings.cidr(item) else { continue }
            if cidr.description != item.string {
                findings.invalid(item, "must be in canonical form (\"\(cidr)\")")
            }
            families.append(cidr.family)
        }
        if families.count == 2, families[0] == families[1] {
            findings.invalid(
                list, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")
        }
        guard let old = old?["spec"]["cidrs"], !old.isEmpty else { return }
        let (before, now) = (old.items.map(\.string), list.items.map(\.string))
        if !now.starts(with: before) {
            findings.invalid(list, "field is immutable")
        }
    }

    @Sendable static func ipAddress(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let parent = object["spec"]["parentRef"]
        if !parent.isSet { return findings.missing(parent) }
        findings.require(parent["resource"])
        findings.require(parent["name"])
        if let old { findings.immutable(parent, old["spec"]["parentRef"]) }
    }

    static func canonicalAddress(_ text: String) -> [String] {
        guard let address = IPAddress(text) else {
            return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
        }
        return address.description == text ? [] : ["must be in canonical form (\"\(address)\")"]
    }
}
