import NetTypes

extension Endpoints: KubeObject {
    public static var kind: String { "Endpoints" }
    public static var resource: GroupVersionResource { .endpoints }

    public init(fields: inout ObjectReader) throws(DecodingFailure) {
        self.init(
            metadata: try ObjectMeta(of: &fields),
            subsets: try fields.objects("subsets") { subset throws(DecodingFailure) in
                Subset(
                    addresses: try subset.objects("addresses", Self.address),
                    notReadyAddresses: try subset.objects("notReadyAddresses", Self.address),
                    ports: try subset.objects("ports", Self.port))
            })
    }

    private static func address(_ fields: inout ObjectReader) throws(DecodingFailure) -> Address {
        guard let ip = try fields.parsed("ip", "an IP address", { IPAddress($0) }) else {
            throw DecodingFailure("ip", "required")
        }
        return Address(
            ip: ip, nodeName: try fields.string("nodeName"), target: try fields.objectReference("targetRef"))
    }

    /// Unlike in a slice the number must be there.
    private static func port(_ fields: inout ObjectReader) throws(DecodingFailure) -> EndpointSlice.Port {
        let port = try EndpointSlice.Port(fields: &fields)
        guard port.port != nil else { throw DecodingFailure("port", "required") }
        return port
    }
}
