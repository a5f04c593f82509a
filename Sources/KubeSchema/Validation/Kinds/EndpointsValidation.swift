import KubeAPI
import NetTypes

extension Validation {
    @Sendable static func endpointSlice(_ slice: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let type = slice["addressType"]
        findings.require(type)
        findings.atMost(slice["endpoints"], items: 1000)
        for endpoint in slice["endpoints"].items { sliceEndpoint(endpoint, type.string, &findings) }
        findings.atMost(slice["ports"], items: 20_000)
        for port in slice["ports"].items {
            findings.expect(port["name"], NameFormats.dns1123Label)
            findings.require(port["protocol"])
            findings.expect(port["appProtocol"], NameFormats.qualifiedName)
        }
        var names: Set<String> = []
        for port in slice["ports"].items where !names.insert(port["name"].string).inserted {
            findings.add(FieldError(.duplicate, port["name"].path, .string(port["name"].string)))
        }
        if let old { findings.immutable(type, old["addressType"]) }
    }

    private static func sliceEndpoint(_ endpoint: FieldCursor, _ type: String, _ findings: inout Findings) {
        let addresses = endpoint["addresses"]
        findings.require(addresses, "must contain at least 1 address")
        findings.atMost(addresses, items: 100)
        for address in addresses.items {
            switch type {
            case "IPv4", "IPv6": sliceAddress(address, type, &findings)
            case "FQDN": findings.invalid(address, NameFormats.dns1123Subdomain(address.string))
            default: break
            }
        }
        if let node = endpoint["nodeName"].value?.string {
            findings.invalid(endpoint["nodeName"], NameFormats.dns1123Subdomain(node))
        }
        findings.expect(endpoint["hostname"], NameFormats.dns1123Label)
        findings.atMost(endpoint["deprecatedTopology"], items: 16)
        for (hint, name) in [("forZones", "name"), ("forNodes", "name")] {
            let list = endpoint["hints"][hint]
            findings.atMost(list, items: 8)
            findings.unique(list.items.map { $0[name] })
        }
    }

    private static func sliceAddress(_ field: FieldCursor, _ type: String, _ findings: inout Findings) {
        guard let address = IPAddress(field.string), (address.family == .ipv4) == (type == "IPv4") else {
            return findings.invalid(field, "must be a valid \(type) address")
        }
        findings.ordinaryAddress(field)
    }

    @Sendable static func endpoints(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        for subset in object["subsets"].items {
            if subset["addresses"].isEmpty, subset["notReadyAddresses"].isEmpty {
                findings.missing(subset, "must specify `addresses` or `notReadyAddresses`")
            }
            for name in ["addresses", "notReadyAddresses"] {
                for address in subset[name].items {
                    findings.ordinaryAddress(address["ip"])
                    findings.expect(address["hostname"], NameFormats.dns1123Label)
                    findings.expect(address["nodeName"], NameFormats.dns1123Subdomain)
                }
            }
            let ports = subset["ports"].items
            for port in ports {
                findings.servedPort(port, isOnly: ports.count < 2)
                findings.expect(port["appProtocol"], NameFormats.qualifiedName)
            }
        }
    }
}
