import NetTypes

/// Defaults are those of the API server; what it would allocate (cluster IPs, node ports) is just absent.
extension Service: KubeObject {
    public static var kind: String { "Service" }
    public static var resource: GroupVersionResource { .services }

    public init(fields: inout ObjectReader) throws(DecodingFailure) {
        self.init(metadata: try ObjectMeta(of: &fields))
        let spec = try fields.object("spec") { reader throws(DecodingFailure) in try Spec(fields: &reader) }
        guard let spec else { throw DecodingFailure("spec", "required") }
        self.spec = spec
        loadBalancerIngress =
            try fields.object("status") { status throws(DecodingFailure) in
                try status.object("loadBalancer") { balancer throws(DecodingFailure) in
                    try balancer.objects("ingress") { reader throws(DecodingFailure) in
                        try LoadBalancerIngress.read(&reader)
                    }
                }
            }??.compactMap { $0 } ?? []
    }
}

extension Service.LoadBalancerIngress {
    private enum IPMode: String, CaseIterable {
        case vip = "VIP"
        case proxy = "Proxy"
    }

    /// nil for an ingress with a host name only.
    static func read(_ fields: inout ObjectReader) throws(DecodingFailure) -> Self? {
        guard let ip = try fields.parsed("ip", "an IP address", { IPAddress($0) }) else { return nil }
        return Self(ip: ip, isVIP: try fields.choice("ipMode", of: IPMode.self) != .proxy)
    }
}

extension Service.Spec {
    private enum SessionAffinity: String, CaseIterable {
        case none = "None"
        case clientIP = "ClientIP"
    }

    init(fields: inout ObjectReader) throws(DecodingFailure) {
        self.init()
        kind = try fields.choice("type") ?? .clusterIP
        try readClusterIPs(&fields)
        externalName = try fields.string("externalName") ?? ""
        try readExternalIPs(&fields)
        ports = try fields.objects("ports") { reader throws(DecodingFailure) in try Service.Port(fields: &reader) }
        try checkPorts()
        externalTrafficPolicy = try fields.choice("externalTrafficPolicy") ?? .cluster
        internalTrafficPolicy = try fields.choice("internalTrafficPolicy") ?? .cluster
        clientIPAffinityTimeout = try Self.affinityTimeout(&fields)
        loadBalancerSourceRanges = try fields.strings("loadBalancerSourceRanges", "an address prefix") {
            CIDR(trimming: $0)
        }
        healthCheckNodePort = try fields.integer("healthCheckNodePort") ?? 0
        publishNotReadyAddresses = try fields.bool("publishNotReadyAddresses") ?? false
        trafficDistribution = try fields.string("trafficDistribution")
    }

    /// `clusterIPs`, else `clusterIP`. "None" makes the Service headless.
    private mutating func readClusterIPs(_ fields: inout ObjectReader) throws(DecodingFailure) {
        let first = try fields.string("clusterIP") ?? ""
        var texts = try fields.strings("clusterIPs")
        let path = texts.isEmpty ? nil : "clusterIPs"
        if texts.isEmpty, !first.isEmpty { texts = [first] }
        guard texts.first != "None" else {
            isHeadless = true
            return
        }
        for (index, text) in texts.enumerated() {
            let path = path.map { "\($0)[\(index)]" } ?? "clusterIP"
            guard let address = IPAddress(text) else {
                throw DecodingFailure(path, "must be an IP address or None, got \"\(text)\"")
            }
            guard !clusterIPs.contains(where: { $0.family == address.family }) else {
                throw DecodingFailure(path, "a second address of the same family, \(address)")
            }
            clusterIPs.append(address)
        }
    }

    private mutating func readExternalIPs(_ fields: inout ObjectReader) throws(DecodingFailure) {
        externalIPs = try fields.strings("externalIPs", "an IP address") { IPAddress($0) }
        for (index, ip) in externalIPs.enumerated() where ip.isUnspecified || ip.isLoopback || ip.isLinkLocal {
            throw DecodingFailure("externalIPs[\(index)]", "may not be unspecified, loopback or link-local, got \(ip)")
        }
    }

    /// Names must be there and differ when there are several ports; port and protocol must differ.
    private func checkPorts() throws(DecodingFailure) {
        guard ports.count > 1 else { return }
        var names: Set<String> = []
        var numbers: Set<UInt32> = []
        for (index, port) in ports.enumerated() {
            guard !port.name.isEmpty else {
                throw DecodingFailure("ports[\(index)].name", "required when there is more than one port")
            }
            guard names.insert(port.name).inserted else {
                throw DecodingFailure("ports[\(index)].name", "\"\(port.name)\" is used twice")
            }
            guard numbers.insert(UInt32(port.port) << 8 | UInt32(port.proto.rawValue)).inserted else {
                throw DecodingFailure("ports[\(index)]", "\(port.port)/\(port.proto) is used twice")
            }
        }
    }

    private static func affinityTimeout(_ fields: inout ObjectReader) throws(DecodingFailure) -> UInt32? {
        let affinity: SessionAffinity = try fields.choice("sessionAffinity") ?? .none
        let timeout: UInt32?? = try fields.object("sessionAffinityConfig") { config throws(DecodingFailure) in
            try config.object("clientIP") { clientIP throws(DecodingFailure) in
                try clientIP.integer("timeoutSeconds", in: 1...86400) ?? defaultAffinityTimeout
            }
        }
        return affinity == .clientIP ? (timeout ?? nil) ?? defaultAffinityTimeout : nil
    }

    private static var defaultAffinityTimeout: UInt32 { 10800 }
}

extension Service.Port {
    init(fields: inout ObjectReader) throws(DecodingFailure) {
        guard let port = try fields.integer("port", in: UInt16(1)...UInt16.max) else {
            throw DecodingFailure("port", "required")
        }
        self.init(
            name: try fields.string("name") ?? "", proto: try fields.transportProtocol(), port: port,
            nodePort: try fields.integer("nodePort") ?? 0, targetPort: try Self.targetPort(&fields) ?? String(port))
    }

    /// nil for 0 and for the empty name.
    private static func targetPort(_ fields: inout ObjectReader) throws(DecodingFailure) -> String? {
        switch fields.value("targetPort") {
        case nil, .integer(0), .string(""): return nil
        case .integer(let port) where (1...65535).contains(port): return String(port)
        case .integer(let port): throw DecodingFailure("targetPort", "must be between 1 and 65535, got \(port)")
        case .string(let name): return name
        case let value?: throw .wrongType("targetPort", "a port number or a name", value)
        }
    }
}

extension ObjectReader {
    /// Field `protocol`, TCP by default. Kubernetes knows upper case only.
    mutating func transportProtocol() throws(DecodingFailure) -> TransportProtocol {
        switch try string("protocol") {
        case nil, "", "TCP": return .tcp
        case "UDP": return .udp
        case "SCTP": return .sctp
        case let text?: throw DecodingFailure("protocol", "must be one of TCP, UDP, SCTP, got \"\(text)\"")
        }
    }
}

extension CIDR {
    /// Kubernetes lets source ranges have blanks around them.
    fileprivate init?(trimming text: String) {
        let head = text.drop { $0 == " " || $0 == "\t" }
        self.init(String(head.prefix { $0 != " " && $0 != "\t" }))
    }
}
