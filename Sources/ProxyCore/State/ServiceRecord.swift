import KubeAPI
import NetTypes

/// What of a Service decides anything. Equal records resolve alike.
struct ServiceRecord: Hashable, Sendable {
    let uid: String
    /// `YYYYMMDDhhmmss`; the largest number when the object does not say.
    let created: UInt64
    let clusterIPs: [IPAddress]
    let externalIPs: [IPAddress]
    /// VIP-mode ingress addresses.
    let loadBalancerIPs: [IPAddress]
    /// Unique by name and protocol.
    let ports: [Service.Port]
    let externalPolicyIsLocal: Bool
    let internalPolicyIsLocal: Bool
    let affinityTimeout: UInt32?
    /// As written; empty when the Service names none.
    let sourceRanges: [CIDR]
    /// 0 when the Service needs none.
    let healthCheckNodePort: UInt16
    let tuning: ServiceTuning

    /// nil for Services that are not this proxy's: claimed by another, headless, without an address, external names.
    init?(_ service: Service) {
        let spec = service.spec
        guard service.metadata.labels["service.kubernetes.io/service-proxy-name"] == nil,
            spec.kind != .externalName, !spec.isHeadless, !spec.clusterIPs.isEmpty
        else { return nil }
        uid = service.metadata.uid
        created = Self.sortable(service.metadata.creationTimestamp)
        clusterIPs = spec.clusterIPs
        externalIPs = spec.externalIPs
        loadBalancerIPs = service.loadBalancerIngress.filter(\.isVIP).map(\.ip)
        var names: Set<PortKey> = []
        ports =
            spec.ports.count == 1
            ? spec.ports : spec.ports.filter { names.insert(PortKey(name: $0.name, proto: $0.proto)).inserted }
        externalPolicyIsLocal = spec.externalTrafficPolicy == .local
        internalPolicyIsLocal = spec.internalTrafficPolicy == .local
        affinityTimeout = spec.clientIPAffinityTimeout
        sourceRanges = spec.loadBalancerSourceRanges
        healthCheckNodePort = externalPolicyIsLocal && spec.kind == .loadBalancer ? spec.healthCheckNodePort : 0
        tuning = ServiceTuning(service.metadata)
    }

    private struct PortKey: Hashable {
        let name: String
        let proto: TransportProtocol
    }

    /// The digits of an RFC 3339 UTC timestamp as one number.
    private static func sortable(_ timestamp: String) -> UInt64 {
        let digits = timestamp.utf8.filter { (0x30...0x39).contains($0) }.prefix(14)
        guard digits.count == 14 else { return .max }
        return digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }

    /// A family is served when the Service has a cluster IP in it.
    var families: [IPFamily] {
        IPFamily.allCases.filter { family in clusterIPs.contains { $0.family == family } }
    }

    /// Where clients may reach a port, ascending, without repeats. An address of several kinds counts as the first of
    /// cluster IP, load-balancer IP (which source ranges guard), external IP.
    func frontends(_ port: Service.Port, _ family: IPFamily) -> [Frontend] {
        var frontends: [Frontend] = []
        func add(_ addresses: [IPAddress], _ kind: (IPAddress) -> FrontendAddress) {
            for ip in addresses where ip.family == family && !frontends.contains(where: { $0.address.ip == ip }) {
                frontends.append(Frontend(kind(ip), port.port))
            }
        }
        add(clusterIPs, FrontendAddress.clusterIP)
        add(loadBalancerIPs, FrontendAddress.loadBalancerIP)
        add(externalIPs, FrontendAddress.externalIP)
        if port.nodePort != 0 { frontends.append(Frontend(.nodePort, port.nodePort)) }
        if frontends.count > 1 { frontends.sort() }
        return frontends
    }
}
