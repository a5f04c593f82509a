import IPTables
import NetTypes
import ProxyCore

/// The small fixed rule set that uses the ipsets: a function of the node alone, in iptables-save's words.
///
/// The chains bear names of this mode's own, so that the iptables mode can be programmed beside it during a change of
/// modes.
struct RuleText: Sendable {
    let family: IPFamily
    let node: NodeFacts

    static let tables = ["mangle", "nat", "filter"]
    private static let prefix = "KUBE-IPVS-"

    /// Every chain, by table.
    static let watched: [(table: String, chain: String)] =
        ["FIREWALL", "OUTSIDE", "INSIDE", "UNMARK"].map { ("mangle", prefix + $0) }
        + ["SERVICES", "CLUSTER", "OWN", "NODE-PORT", "MARK-MASQ", "POSTROUTING"].map { ("nat", prefix + $0) }
        + ["FILTER", "FORWARD", "CIDR"].map { ("filter", prefix + $0) }

    /// Rules of the kernel's own chains, each put first.
    static func jumps(_ table: String) -> [TableChange.BaseRule] {
        func jump(_ chain: String, _ target: String, _ match: String = "") -> TableChange.BaseRule {
            TableChange.BaseRule(chain, "\(match)-j \(prefix)\(target)")
        }
        return switch table {
        case "mangle":
            [
                jump("PREROUTING", "FIREWALL", "\(isNew) "), jump("OUTPUT", "FIREWALL", "\(isNew) "),
                jump("POSTROUTING", "UNMARK", "\(isMarked) "),
            ]
        case "nat":
            [jump("PREROUTING", "SERVICES"), jump("OUTPUT", "SERVICES"), jump("POSTROUTING", "POSTROUTING")]
        default: [jump("INPUT", "FILTER"), jump("FORWARD", "FORWARD"), jump("OUTPUT", "CIDR")]
        }
    }

    /// What makes a table as it should be; nothing for one that is.
    func change(_ table: String, from present: TableText) -> TableChange {
        var change = TableChange(table: table)
        let wanted = chains(table)
        change.chains = wanted.filter { present.chains[$0.key] != $0.value }
        let jumps = Self.jumps(table)
        let observed = Self.ownJumps(present)
        change.insertions = jumps.filter { !observed.contains($0) }
        change.deletions = observed.filter { !jumps.contains($0) }
        return change
    }

    /// Deletes our chains and the jumps to them.
    static func cleanup(_ table: String, _ present: TableText) -> TableChange {
        var change = TableChange(table: table)
        change.deletedChains = Set(present.chains.keys.filter { $0.hasPrefix(prefix) })
        change.deletions = ownJumps(present)
        return change
    }

    /// Rules of other chains that jump to ours.
    private static func ownJumps(_ present: TableText) -> [TableChange.BaseRule] {
        present.chains.filter { !$0.key.hasPrefix(prefix) }.flatMap { chain, rules in
            rules.filter { $0.contains("-j \(prefix)") }.map { TableChange.BaseRule(chain, $0) }
        }
    }

    /// Chains with their rules.
    func chains(_ table: String) -> [String: [String]] {
        let rules =
            switch table {
            case "mangle": firewall + inside
            case "nat": services + marking + postrouting
            default: filter
            }
        var chains: [String: [String]] = [:]
        for item in Self.watched where item.table == table { chains[item.chain] = [] }
        for rule in rules {
            let words = rule.dropFirst("-A ".count)
            let chain = words.prefix { $0 != " " }
            chains[String(chain), default: []].append(String(words.dropFirst(chain.count + 1)))
        }
        return chains
    }

    private func match(_ set: KubeSet, _ fields: String, not: Bool = false) -> String {
        "-m set \(not ? "! " : "")--match-set \(set.name(family)) \(fields)"
    }

    /// Before translation, so that it holds for the node's own packets too, which IPVS takes early.
    private var firewall: [String] {
        [
            "-A KUBE-IPVS-FIREWALL \(match(.loadBalancerFirewall, "dst,dst")) "
                + "\(match(.loadBalancerSourceCIDR, "dst,dst,src", not: true)) -j DROP",
            "-A KUBE-IPVS-FIREWALL \(match(.silent, "dst,dst")) -j DROP",
            "-A KUBE-IPVS-FIREWALL \(match(.silentOutside, "dst,dst")) -j KUBE-IPVS-OUTSIDE",
            "-A KUBE-IPVS-OUTSIDE -m addrtype --src-type LOCAL -j RETURN",
        ] + returns("KUBE-IPVS-OUTSIDE") + ["-A KUBE-IPVS-OUTSIDE -j DROP"]
    }

    /// Marks packets of local pods and of the node for a virtual server of their own, and takes the mark off again: the
    /// packet of a tunnel around them would keep it. What others have marked is left alone.
    private var inside: [String] {
        let take = "-j SET --map-set \(KubeSet.inside.name(family)) dst,dst --map-mark"
        return [
            "-A KUBE-IPVS-FIREWALL -m mark --mark 0x0 \(match(.inside, "dst,dst")) -j KUBE-IPVS-INSIDE",
            "-A KUBE-IPVS-INSIDE -m addrtype --src-type LOCAL \(take)",
        ] + localPods.map { "-A KUBE-IPVS-INSIDE \($0) \(take)" } + [
            "-A KUBE-IPVS-UNMARK -j MARK --set-xmark 0x0/0xffffffff",
            "-A KUBE-IPVS-UNMARK -m addrtype --src-type LOCAL -m conntrack ! --ctstatus CONFIRMED "
                + "-j MARK --set-xmark \(mark)/\(mark)",
        ]
    }

    private static let isNew = "-m conntrack --ctstate NEW"

    /// Packets on their way to a virtual server of a mark.
    private static let isMarked =
        "-m mark --mark 0x\(String(FirewallMarks.prefix, radix: 16))/0x\(String(FirewallMarks.mask, radix: 16))"

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
            "-A KUBE-IPVS-NODE-PORT -p sctp \(match(.nodePortSCTP, "dst,dst")) -j KUBE-IPVS-MARK-MASQ",
            "-A KUBE-IPVS-NODE-PORT -p sctp \(match(.nodePortLocalSCTP, "dst,dst")) -j KUBE-IPVS-OWN",
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
        // Another mark would lead to another virtual server: KUBE-IPVS-UNMARK puts it on later.
        rules.append("-A KUBE-IPVS-OWN \(Self.isMarked) -j RETURN")
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
        let first = [
            "-A KUBE-IPVS-FILTER -p tcp \(match(.healthCheckNodePort, "dst")) -j ACCEPT",
            "-A KUBE-IPVS-FILTER -m conntrack ! --ctstate NEW -j RETURN",
        ]
        return first + served.map { "-A KUBE-IPVS-FILTER \(match($0, "dst,dst")) -j RETURN" } + [
            "-A KUBE-IPVS-FILTER \(match(.ipvsIPs, "dst")) "
                + "-j REJECT --reject-with \(unreachable)",
            "-A KUBE-IPVS-FORWARD -j KUBE-IPVS-CIDR",
            "-A KUBE-IPVS-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ]
            + cidrs.map {
                "-A KUBE-IPVS-CIDR -d \($0) \(Self.isNew) -m addrtype ! --dst-type LOCAL "
                    + "\(match(.ipvsIPs, "dst", not: true)) -j DROP"
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
    private func returns(_ chain: String) -> [String] { localPods.map { "-A \(chain) \($0) -j RETURN" } }

    /// What tells their packets.
    private var localPods: [String] {
        switch node.detector {
        case .cidrs(let cidrs): cidrs.filter { $0.family == family }.map { "-s \($0)" }
        case .bridge(let name): ["-i \(name)"]
        case .interfacePrefix(let prefix): ["-i \(prefix)+"]
        case .none: []
        }
    }
}
