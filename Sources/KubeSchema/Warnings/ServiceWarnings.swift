import KubeAPI
import NetTypes

extension ObjectWarnings {
    static func service(_ root: FieldCursor, _ warnings: inout [String]) {
        let spec = root["spec"]
        let type = spec["type"].string
        let isHeadless = type == "ClusterIP" && spec["clusterIP"].string == "None"
        if root["metadata"]["annotations"][key: "service.kubernetes.io/topology-aware-hints"].isSet {
            warnings.append(
                "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use "
                    + "service.kubernetes.io/topology-mode instead")
        }
        for address in spec["clusterIPs"].items { self.address(address, &warnings) }
        if isHeadless { headless(spec, &warnings) }
        for address in spec["externalIPs"].items { self.address(address, &warnings) }
        if !spec["externalIPs"].isEmpty, !isHeadless, type != "ExternalName" {
            warnings.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
        }
        address(spec["loadBalancerIP"], &warnings)
        for range in spec["loadBalancerSourceRanges"].items { self.range(range, &warnings) }
        if type == "ExternalName", !spec["externalIPs"].isEmpty {
            warnings.append("spec.externalIPs is ignored when spec.type is \"ExternalName\"")
        }
        if type != "ExternalName", !spec["externalName"].isEmpty {
            warnings.append("spec.externalName is ignored when spec.type is not \"ExternalName\"")
        }
        if spec["trafficDistribution"].string == "PreferClose" {
            warnings.append(#"spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone""#)
        }
    }

    private static func headless(_ spec: FieldCursor, _ warnings: inout [String]) {
        if !spec["loadBalancerIP"].isEmpty {
            warnings.append("spec.loadBalancerIP is ignored for headless services")
        }
        if !spec["externalIPs"].isEmpty { warnings.append("spec.externalIPs is ignored for headless services") }
        if spec["sessionAffinity"].string != "None" {
            warnings.append("spec.SessionAffinity is ignored for headless services")
        }
    }

    /// An address that could be written another way.
    static func address(_ place: FieldCursor, _ warnings: inout [String]) {
        guard let address = IPAddress(place.string) else { return }
        // IPv4 in the clothes of IPv6.
        if address.family == .ipv4, address.description != place.string {
            warnings.append(
                "\(place.path): non-standard IP address \"\(place.string)\" will be considered invalid in a future "
                    + "Kubernetes release: use \"\(address)\"")
        } else if address.family == .ipv6, address.description != place.string {
            warnings.append(
                "\(place.path): IPv6 address \"\(place.string)\" should be in RFC 5952 canonical format "
                    + "(\"\(address)\")")
        }
    }

    private static func range(_ place: FieldCursor, _ warnings: inout [String]) {
        let parts = place.string.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(parts[0]), let length = UInt8(parts[1]),
            let range = CIDR(address, prefixLength: length)
        else { return }
        if range.address != address {
            let whole = address.family == .ipv4 ? 32 : 128
            warnings.append(
                "\(place.path): CIDR value \"\(place.string)\" is ambiguous in this context (should be \"\(range)\" or "
                    + "\"\(address)/\(whole)\"?)")
        } else if address.family == .ipv6, range.description != place.string {
            warnings.append(
                "\(place.path): IPv6 CIDR value \"\(place.string)\" should be in RFC 5952 canonical format "
                    + "(\"\(range)\")")
        }
    }
}
