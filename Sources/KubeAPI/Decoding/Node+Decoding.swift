import NetTypes

extension Node: KubeObject {
    public static var kind: String { "Node" }
    public static var resource: GroupVersionResource { .nodes }

    public init(fields: inout ObjectReader) throws(DecodingFailure) {
        self.init(metadata: try ObjectMeta(of: &fields))
        try fields.object("spec") { spec throws(DecodingFailure) in
            podCIDRs = try spec.strings("podCIDRs", "an address prefix") { CIDR($0) }
            let first = try spec.parsed("podCIDR", "an address prefix") { CIDR($0) }
            if podCIDRs.isEmpty, let first { podCIDRs = [first] }
            taintKeys = try spec.objects("taints") { taint throws(DecodingFailure) in try taint.requiredString("key") }
        }
        try fields.object("status") { status throws(DecodingFailure) in
            for (type, address) in try status.objects("addresses", Self.address) {
                guard let address else { continue }
                if type == "InternalIP" { internalIPs.append(address) } else { externalIPs.append(address) }
            }
        }
    }

    /// Host names and DNS names have no address.
    private static func address(
        _ fields: inout ObjectReader
    ) throws(DecodingFailure) -> (type: String, address: IPAddress?) {
        let type = try fields.requiredString("type")
        guard type == "InternalIP" || type == "ExternalIP" else { return (type, nil) }
        return (type, try fields.parsed("address", "an IP address") { IPAddress($0) })
    }
}

extension ServiceCIDR: KubeObject {
    public static var kind: String { "ServiceCIDR" }
    public static var resource: GroupVersionResource { .serviceCIDRs }

    public init(fields: inout ObjectReader) throws(DecodingFailure) {
        let metadata = try ObjectMeta(of: &fields)
        let cidrs = try fields.object("spec") { spec throws(DecodingFailure) in
            try spec.strings("cidrs", "an address prefix") { CIDR($0) }
        }
        guard let cidrs, !cidrs.isEmpty else { throw DecodingFailure("spec.cidrs", "required") }
        self.init(metadata: metadata, cidrs: cidrs)
    }
}
