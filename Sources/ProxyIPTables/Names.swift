import IPSet
import NetTypes
import ProxyCore

/// The names of chains; those of kube-proxy, and two prefixes for the dispatch that is not kube-proxy's.
enum ChainName {
    static let services = "KUBE-SERVICES"
    static let externalServices = "KUBE-EXTERNAL-SERVICES"
    static let nodePorts = "KUBE-NODEPORTS"
    static let postrouting = "KUBE-POSTROUTING"
    static let mark = "KUBE-MARK-MASQ"
    static let markRemote = "KUBE-MARK-REMOTE"
    static let forward = "KUBE-FORWARD"
    static let proxyFirewall = "KUBE-PROXY-FIREWALL"
    /// Not `KUBE-FIREWALL`: that one is kubelet's.
    static let localFirewall = "KUBE-PROXY-LOCALNET"
    static let canary = "KUBE-PROXY-CANARY"
    static let addresses = "KUBE-DST"
    static let addressPrefix = "KUBE-DST-"
    static let portPrefix = "KUBE-NP-"

    /// Chains that belong to service ports.
    private static let prefixes = [
        "KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SEP-", addressPrefix, portPrefix,
    ]

    static func isOfService(_ name: String) -> Bool { prefixes.contains { name.hasPrefix($0) } }

    /// The first 16 letters of the base 32 (RFC 4648) of the SHA-256 of the name, the protocol and what follows.
    static func hash(_ port: ServicePortName, _ more: String = "") -> String {
        base32("\(port)\(port.proto)\(more)")
    }

    static func base32(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        let digest = SHA256.digest(text)
        let letters = (0..<16).map { index in
            let bit = index * 5
            let pair = UInt16(digest[bit / 8]) << 8 | UInt16(digest[bit / 8 + 1])
            return alphabet[Int(pair >> UInt16(11 - bit % 8)) & 31]
        }
        return String(decoding: letters, as: UTF8.self)
    }
}

/// The sets that rules look addresses and ports up in.
enum SetName: String, CaseIterable, Sendable {
    /// Addresses and ports that lead to endpoints.
    case services = "SERVICE"
    case nodePorts = "NODE-PORT"
    case nodeIPs = "NODE-IP"
    case clusterIPs = "CLUSTER-IP"
    case rejected = "NO-EP"
    case rejectedNodePorts = "NO-EP-NODE-PORT"
    case dropped = "NO-LOCAL-EP"
    case droppedNodePorts = "NO-LOCAL-EP-NODE-PORT"
    case guarded = "FW"
    case guardedSources = "FW-SRC"
    case guardedNodePorts = "FW-NODE-PORT"
    case guardedNodePortSources = "FW-NODE-PORT-SRC"
    case loopBack = "LOOP-BACK"

    func name(_ family: IPFamily) -> String { (family == .ipv4 ? "KUBE-IPT-" : "KUBE-IPT6-") + rawValue }

    /// Made where the mode changes a sysctl: no rule looks anything up in it.
    static func settings(_ family: IPFamily) -> String { (family == .ipv4 ? "KUBE-IPT-" : "KUBE-IPT6-") + "SETTINGS" }

    private var kind: SetKind {
        switch self {
        case .services, .rejected, .dropped, .guarded: .hashIPPort
        case .nodePorts, .rejectedNodePorts, .droppedNodePorts, .guardedNodePorts, .guardedNodePortSources: .hashNetPort
        case .nodeIPs, .clusterIPs: .hashIP
        case .guardedSources: .hashIPPortNet
        case .loopBack: .hashIPPortIP
        }
    }

    func spec(_ family: IPFamily) -> SetSpec { SetSpec(name(family), kind, family) }
}

/// A set and an entry of it.
struct SetElement: Hashable, Sendable {
    let set: SetName
    let key: SetEntry.Key

    init(_ set: SetName, _ key: SetEntry.Key) {
        self.set = set
        self.key = key
    }
}
