import IPSet
import NetTypes

/// The ipsets of this mode. Operators know the names from kube-proxy; the last five are our own.
enum KubeSet: String, CaseIterable, Hashable, Sendable {
    case loopBack = "LOOP-BACK"
    case clusterIP = "CLUSTER-IP"
    case externalIP = "EXTERNAL-IP"
    case externalIPLocal = "EXTERNAL-IP-LOCAL"
    case loadBalancer = "LOAD-BALANCER"
    case loadBalancerLocal = "LOAD-BALANCER-LOCAL"
    case loadBalancerFirewall = "LOAD-BALANCER-FW"
    case loadBalancerSourceCIDR = "LOAD-BALANCER-SOURCE-CIDR"
    case nodePortTCP = "NODE-PORT-TCP"
    case nodePortLocalTCP = "NODE-PORT-LOCAL-TCP"
    case nodePortUDP = "NODE-PORT-UDP"
    case nodePortLocalUDP = "NODE-PORT-LOCAL-UDP"
    case nodePortSCTP = "NODE-PORT-SCTP-HASH"
    case nodePortLocalSCTP = "NODE-PORT-LOCAL-SCTP-HASH"
    /// Where load balancers ask whether the node has local endpoints.
    case healthCheckNodePort = "HEALTH-CHECK-NODE-PORT"
    /// The addresses of `kube-ipvs0`.
    case ipvsIPs = "IPVS-IPS"
    /// Traffic policy Local without a usable endpoint here: nobody is served.
    case silent = "IPVS-SILENT"
    /// The same, but local pods and the node have endpoints elsewhere.
    case silentOutside = "IPVS-SILENT-OUTSIDE"
    /// External addresses whose policy Local holds for clients from outside only: the marks of all others.
    case inside = "IPVS-INSIDE"
    /// Kernel settings as they were before, in comments.
    case settings = "IPVS-SETTINGS"

    var kind: SetKind {
        switch self {
        case .loopBack: .hashIPPortIP
        case .loadBalancerSourceCIDR: .hashIPPortNet
        case .nodePortTCP, .nodePortLocalTCP, .nodePortUDP, .nodePortLocalUDP, .healthCheckNodePort: .bitmapPort
        case .ipvsIPs, .settings: .hashIP
        default: .hashIPPort
        }
    }

    /// The kernel's names end after 31 bytes, and kube-proxy cuts them too.
    func name(_ family: IPFamily) -> String {
        String(((family == .ipv4 ? "KUBE-" : "KUBE-6-") + rawValue).prefix(31))
    }

    func spec(_ family: IPFamily) -> SetSpec {
        SetSpec(name(family), kind, family, hasComments: self == .settings, hasMarks: self == .inside)
    }
}

/// An entry of one of the sets.
struct SetMember: Hashable, Sendable {
    let set: KubeSet
    let entry: SetEntry

    init(_ set: KubeSet, _ key: SetEntry.Key, mark: UInt32? = nil) {
        self.set = set
        entry = SetEntry(key, mark: mark)
    }

    /// The same but for its mark; a set holds one of them.
    var withoutMark: SetMember { SetMember(set, entry.key) }
}
