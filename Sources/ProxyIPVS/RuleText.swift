import NetTypes
import ProxyCore

/// The small fixed rule set that uses the ipsets: a function of the node alone, in the words of iptables-restore(8).
///
/// The chains bear names of this mode's own, so that the iptables mode can be programmed beside it during a change of
/// modes.
struct RuleText: Sendable {
    let family: IPFamily
    let node: NodeFacts

    static let chains: [(table: String, chains: [String])] = [
        ("mangle", ["KUBE-IPVS-FIREWALL", "KUBE-IPVS-OUTSIDE"]),
        (
            "nat",
            [
                "KUBE-IPVS-SERVICES", "KUBE-IPVS-CLUSTER", "KUBE-IPVS-OWN", "KUBE-IPVS-NODE-PORT",
                "KUBE-IPVS-MARK-MASQ", "KUBE-IPVS-POSTROUTING",
            ]
        ),
        ("filter", ["KUBE-IPVS-FILTER", "KUBE-IPVS-FORWARD", "KUBE-IPVS-CIDR"]),
    ]

    /// Rules of the kernel's own chains, each inserted first.
    static let jumps: [(table: String, rule: String)] = [
        ("mangle", "PREROUTING -j KUBE-IPVS-FIREWALL"), ("mangle", "OUTPUT -j KUBE-IPVS-FIREWALL"),
        ("nat", "PREROUTING -j KUBE-IPVS-SERVICES"), ("nat", "OUTPUT -j KUBE-IPVS-SERVICES"),
        ("nat", "POSTROUTING -j KUBE-IPVS-POSTROUTING"), ("filter", "INPUT -j KUBE-IPVS-FILTER"),
        ("filter", "FORWARD -j KUBE-IPVS-FORWARD"), ("filter", "OUTPUT -j KUBE-IPVS-CIDR"),
    ]

    /// Fills our chains, and inserts the jumps that `present` (iptables-save's output) lacks.
    func restore(present: String) -> String {
        let lines = Set(present.split(separator: "\n").map(String.init))
        return text { table in
            rules(table)
                + Self.jumps.filter { $0.table == table && !lines.contains("-A \($0.rule)") }.map { "-I \($0.rule)" }
        }
    }

    /// Empties and deletes our chains; nil when there are none.
    static func cleanup(present: String) -> String? {
        let lines = present.split(separator: "\n").map(String.init)
        guard lines.contains(where: { $0.hasPrefix(":KUBE-IPVS-") }) else { return nil }
        let jumps = Self.jumps
        var text = ""
        for (table, chains) in Self.chains {
            text += "*\(table)\n" + chains.map { ":\($0) - [0:0]\n" }.joined()
            text += jumps.filter { $0.table == table && lines.contains("-A \($0.rule)") }
                .map { "-D \($0.rule)\n" }.joined()
            text += chains.map { "-X \($0)\n" }.joined() + "COMMIT\n"
        }
        return text
    }

    private func text(_ rules: (String) -> [String]) -> String {
        Self.chains.map { table, chains in
            "*\(table)\n" + (chains.map { ":\($0) - [0:0]" } + rules(table) + ["COMMIT"]).joined(separator: "\n") + "\n"
        }.joined()
    }

    private func rules(_ table: String) -> [String] {
        switch table {
        case "mangle": firewall
        case "nat": services + marking + postrouting
        default: filter
        }
    }

    private func match(_ set: KubeSet, _ fields: String, not: Bool = false) -> String {
        "-m set \(not ? "! " : "")--match-set \(set.name(family)) \(fields)"
    }

    /// Before translation, so that it holds for the node's own packets too, which IPVS takes early.
    private var firewall: [String] {
        let new = "-m conntrack --ctstate NEW"
        return [
            "-A KUBE-IPVS-FIREWALL \(new) \(match(.loadBalancerFirewall, "dst,dst")) "
                + "\(match(.loadBalancerSourceCIDR, "dst,dst,src", not: true)) -j DROP",
            "-A KUBE-IPVS-FIREWALL \(new) \(match(.silent, "dst,dst")) -j DROP",
            "-A KUBE-IPVS-FIREWALL \(new) \(match(.silentOutside, "dst,dst")) -j KUBE-IPVS-OUTSIDE",
            "-A KUBE-IPVS-OUTSIDE -m addrtype --src-type LOCAL -j RETURN",
        ] + returns("KUBE-IPVS-OUTSIDE") + ["-A KUBE-IPVS-OUTSIDE -j DROP"]
    }

    private var services: [String] {
        [
            "-A KUBE-IPVS-SERVICES \(match(.clusterIP, "dst,dst")) -j KUBE-IPVS-CLUSTER",
            "-A KUBE-IPVS-SERVICES \(match(.externalIP, "dst,dst")) -j KUBE-IPVS-MARK-MASQ",
            "-A KUBE-IPVS-SERVICES \(match(.loadBalancer, "dst,dst")) -j KUBE-IPVS-MARK-MASQ",
            "-A KUBE-IPVS-SERVICES \(match(.externalIPLocal, "dst,dst")) -j KUBE-IPVS-OWN",
            "-A KUBE-IPVS-SERVICES \(match(.loadBalancerLocal, "dst,dst")) -j KUBE-IPVS-OWN",
            "-A KUBE-IPVS-SERVICES -m addrtype --dst-type LOCAL \(match(.ipvsIPs, "dst", not: true)) "
                + "-j KUBE-IPVS-NODE-PORT",
            "-A KUBE-IPVS-NODE-PORT -p tcp \(match(.nodePortTCP, "dst")) -j KUBE-IPVS-MARK-MASQ",
            "-A KUBE-IPVS-NODE-PORT -p tcp \(match(.nodePortLocalTCP, "dst")) -j KUBE-IPVS-OWN",
            "-A KUBE-IPVS-NODE-PORT -p udp \(match(.nodePortUDP, "dst")) -j KUBE-IPVS-MARK-MASQ",
            "-A KUBE-IPVS-NODE-PORT -p udp \(match(.nodePortLocalUDP, "dst")) -j KUBE-IPVS-OWN",
        ]
    }

    private var marking: [String] {
        var rules: [String] = []
        if node.masqueradeAll {
            rules.append("-A KUBE-IPVS-CLUSTER -j KUBE-IPVS-MARK-MASQ")
        } else if tellsLocalPods {
            rules += returns("KUBE-IPVS-CLUSTER") + ["-A KUBE-IPVS-CLUSTER -j KUBE-IPVS-MARK-MASQ"]
        } else {
            // The node reaches an address of its own from that address, which no endpoint can answer.
            rules.append("-A KUBE-IPVS-CLUSTER \(match(.ipvsIPs, "src")) -j KUBE-IPVS-MARK-MASQ")
        }
        rules += returns("KUBE-IPVS-OWN")
        rules.append("-A KUBE-IPVS-OWN -m addrtype --src-type LOCAL -j KUBE-IPVS-MARK-MASQ")
        return rules + ["-A KUBE-IPVS-MARK-MASQ -j MARK --set-xmark \(mark)/\(mark)"]
    }

    private var postrouting: [String] {
        [
            "-A KUBE-IPVS-POSTROUTING \(match(.loopBack, "dst,dst,src")) -j MASQUERADE --random-fully",
            "-A KUBE-IPVS-POSTROUTING -m mark ! --mark \(mark)/\(mark) -j RETURN",
            "-A KUBE-IPVS-POSTROUTING -j MARK --set-xmark \(mark)/0x0",
            "-A KUBE-IPVS-POSTROUTING -j MASQUERADE --random-fully",
        ]
    }

    private var filter: [String] {
        let served: [KubeSet] = [.clusterIP, .externalIP, .externalIPLocal, .loadBalancer, .loadBalancerLocal]
        let unreachable = family == .ipv4 ? "icmp-port-unreachable" : "icmp6-port-unreachable"
        let cidrs = node.serviceCIDRs.filter { $0.family == family }
        return served.map { "-A KUBE-IPVS-FILTER \(match($0, "dst,dst")) -j RETURN" } + [
            "-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW \(match(.ipvsIPs, "dst")) "
                + "-j REJECT --reject-with \(unreachable)",
            "-A KUBE-IPVS-FORWARD -j KUBE-IPVS-CIDR",
            "-A KUBE-IPVS-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ]
            + cidrs.map {
                "-A KUBE-IPVS-CIDR -d \($0) -m conntrack --ctstate NEW \(match(.ipvsIPs, "dst", not: true)) -j DROP"
            }
    }

    private var mark: String { "0x" + String(UInt32(1) << UInt32(node.masqueradeBit), radix: 16) }

    private var tellsLocalPods: Bool {
        switch node.detector {
        case .cidrs(let cidrs): cidrs.contains { $0.family == family }
        case .bridge, .interfacePrefix: true
        case .none: false
        }
    }

    /// Leaves a chain for packets of local pods.
    private func returns(_ chain: String) -> [String] {
        switch node.detector {
        case .cidrs(let cidrs): cidrs.filter { $0.family == family }.map { "-A \(chain) -s \($0) -j RETURN" }
        case .bridge(let name): ["-A \(chain) -i \(name) -j RETURN"]
        case .interfacePrefix(let prefix): ["-A \(chain) -i \(prefix)+ -j RETURN"]
        case .none: []
        }
    }
}
