import NetTypes

extension EndpointSlice: KubeObject {
    public static var kind: String { "EndpointSlice" }
    public static var resource: GroupVersionResource { .endpointSlices }

    public init(fields: inout ObjectReader) throws(DecodingFailure) {
        let metadata = try ObjectMeta(of: &fields)
        guard let type = try fields.choice("addressType", of: AddressType.self) else {
            throw DecodingFailure("addressType", "required")
        }
        self.init(
            metadata: metadata, addressType: type,
            endpoints: try fields.objects("endpoints") { reader throws(DecodingFailure) in
                try Endpoint(fields: &reader, type: type)
            },
            ports: try fields.objects("ports") { reader throws(DecodingFailure) in try Port(fields: &reader) })
    }
}

extension EndpointSlice.Endpoint {
    init(fields: inout ObjectReader, type: EndpointSlice.AddressType) throws(DecodingFailure) {
        self.init(addresses: try Self.addresses(&fields, type))
        try fields.object("conditions") { conditions throws(DecodingFailure) in
            isReady = try conditions.bool("ready") ?? true
            isServing = try conditions.bool("serving") ?? isReady
            isTerminating = try conditions.bool("terminating") ?? false
        }
        hostname = try fields.string("hostname")
        nodeName = try fields.string("nodeName")
        zone = try fields.string("zone")
        try fields.object("hints") { hints throws(DecodingFailure) in
            hintZones = try hints.objects("forZones") { zone throws(DecodingFailure) in try zone.requiredString("name")
            }
            hintNodes = try hints.objects("forNodes") { node throws(DecodingFailure) in try node.requiredString("name")
            }
        }
        target = try fields.objectReference("targetRef")
    }

    private static func addresses(
        _ fields: inout ObjectReader, _ type: EndpointSlice.AddressType
    ) throws(DecodingFailure) -> [IPAddress] {
        guard fields.value("addresses") != nil else { throw DecodingFailure("addresses", "required") }
        switch type {
        case .ipv4:
            return try fields.strings("addresses", "an IPv4 address") { IPAddress($0, family: .ipv4) }
        case .ipv6:
            return try fields.strings("addresses", "an IPv6 address") { IPAddress($0, family: .ipv6) }
        case .fqdn:
            _ = try fields.strings("addresses")
            return []
        }
    }
}

extension EndpointSlice.Port {
    init(fields: inout ObjectReader) throws(DecodingFailure) {
        self.init(
            name: try fields.string("name") ?? "", proto: try fields.transportProtocol(),
            port: try fields.integer("port", in: UInt16(1)...UInt16.max))
    }
}

extension IPAddress {
    fileprivate init?(_ text: String, family: IPFamily) {
        guard let address = IPAddress(text), address.family == family else { return nil }
        self = address
    }
}

extension ObjectReader {
    /// A core/v1 ObjectReference as `Pod namespace/name`; nil when absent.
    mutating func objectReference(_ key: String) throws(DecodingFailure) -> String? {
        try object(key) { reference throws(DecodingFailure) in
            let kind = try reference.string("kind") ?? ""
            let namespace = try reference.string("namespace") ?? ""
            let name = NamespacedName(namespace: namespace, name: try reference.string("name") ?? "")
            return kind.isEmpty ? name.description : "\(kind) \(name)"
        }
    }
}
