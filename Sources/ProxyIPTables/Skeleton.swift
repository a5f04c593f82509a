import IPSet
import IPTables
import NetTypes
import ProxyCore

/// The chains that are there with any Services, the jumps to them, and the sets' entries for the node.
struct Skeleton {
    let node: NodeFacts
    let family: IPFamily
    let localhostNodePorts: Bool

    private func inSet(_ set: SetName, _ directions: String = "dst,dst", isMember: Bool = true) -> String {
        RuleText.inSet(set, family, directions, isMember: isMember)
    }

    private func nodePort(_ set: SetName, isMember: Bool = true) -> String {
        "\(inSet(.nodeIPs, "dst")) \(inSet(set))"
    }

    private var reject: String {
        "-j REJECT --reject-with \(family == .ipv4 ? "icmp-port-unreachable" : "icmp6-port-unreachable")"
    }

    /// True when 127.0.0.1 is to answer on node ports: the kernel must then route it. IPv6 has no such setting.
    var routesLocalnet: Bool {
        localhostNodePorts && family == .ipv4 && node.nodePortAddresses.contains { $0.family == .ipv4 && $0.isLoopback }
    }

    // MARK: Chains

    static let tables = ["nat", "filter", "mangle"]

    /// All but what depends on Services: the two roots of the dispatch tree, and the rules of filter's node ports.
    func chains(_ table: String) -> [String: [String]] {
        let canary = [ChainName.canary: ["\(RuleText.comment("shows that nobody flushed")) -j RETURN"]]
        switch table {
        case "nat": return nat.merging(canary) { $1 }
        case "filter": return filter.merging(canary) { $1 }
        default: return canary
        }
    }

    /// The names of all chains that the mode ever makes in a table, but those of service ports.
    private static let fixedNames: [String: Set<String>] = {
        let skeleton = Skeleton(node: NodeFacts(name: ""), family: .ipv4, localhostNodePorts: false)
        var names = Dictionary(uniqueKeysWithValues: tables.map { ($0, Set(skeleton.chains($0).keys)) })
        names["nat"]?.formUnion([ChainName.addresses, ChainName.nodePorts])
        names["filter"]?.insert(ChainName.nodePorts)
        return names
    }()

    /// True for chains that this mode makes.
    static func makes(_ chain: String, in table: String) -> Bool {
        fixedNames[table]?.contains(chain) == true || table == "nat" && ChainName.isOfService(chain)
    }

    /// True for chains that this mode makes and built-in ones with jumps to them.
    static func isOurs(_ chain: String, in table: String) -> Bool {
        makes(chain, in: table) || jumps(table).contains { $0.chain == chain }
    }

    private var nat: [String: [String]] {
        let mark = RuleText.mark(node.masqueradeBit)
        let masquerade = "-j MASQUERADE --random-fully"
        return [
            ChainName.services: [
                "\(RuleText.comment("addresses of Services")) \(inSet(.services)) -g \(ChainName.addresses)",
                "\(RuleText.comment("node ports")) \(nodePort(.nodePorts)) -j \(ChainName.nodePorts)",
            ],
            ChainName.mark: ["-j MARK --set-xmark \(mark)/\(mark)"],
            ChainName.markRemote: RuleText.localPods(node, family).map { "\($0) -j RETURN" } + ["-j \(ChainName.mark)"],
            ChainName.postrouting: [
                "-m conntrack --ctstate DNAT \(RuleText.comment("a pod that reaches itself")) "
                    + "\(inSet(.loopBack, "dst,dst,src")) \(masquerade)",
                "-m mark ! --mark \(mark)/\(mark) -j RETURN", "-j MARK --set-xmark \(mark)/0x0",
                "\(RuleText.comment("kubernetes service traffic requiring SNAT")) \(masquerade)",
            ],
        ]
    }

    private var filter: [String: [String]] {
        let mark = RuleText.mark(node.masqueradeBit)
        let noEndpoints = RuleText.comment("no endpoints")
        let noLocal = RuleText.comment("no endpoints on this node")
        let outside = RuleText.comment("outside the source ranges")
        let unallocated = node.serviceCIDRs.filter { $0.family == family }.map {
            ($0.isEverything ? "" : "-d \($0) ") + "\(RuleText.comment("no such Service")) -j DROP"
        }
        return [
            ChainName.proxyFirewall: [
                "\(outside) \(inSet(.guarded)) \(inSet(.guardedSources, "dst,dst,src", isMember: false)) -j DROP",
                "\(outside) \(nodePort(.guardedNodePorts)) "
                    + "\(inSet(.guardedNodePortSources, "src,dst", isMember: false)) -j DROP",
            ],
            ChainName.externalServices: [
                "\(noEndpoints) \(inSet(.rejected)) \(reject)", "\(noLocal) \(inSet(.dropped)) -j DROP",
                "\(noEndpoints) \(nodePort(.rejectedNodePorts)) \(reject)",
                "\(noLocal) \(nodePort(.droppedNodePorts)) -j DROP",
            ],
            ChainName.services: [
                "\(RuleText.comment("no such port of a cluster IP")) \(inSet(.clusterIPs, "dst")) \(reject)"
            ] + unallocated,
            ChainName.forward: [
                "-m conntrack --ctstate INVALID -j DROP",
                "\(RuleText.comment("kubernetes forwarding rules")) -m mark --mark \(mark)/\(mark) -j ACCEPT",
                "\(RuleText.comment("kubernetes forwarding conntrack rule")) "
                    + "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            ],
            ChainName.localFirewall: routesLocalnet
                ? [
                    "! -s 127.0.0.0/8 -d 127.0.0.0/8 \(RuleText.comment("block incoming localnet connections")) "
                        + "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
                ] : [],
        ]
    }

    /// The rules of built-in chains that lead here, in order.
    static func jumps(_ table: String) -> [TableChange.BaseRule] {
        func jump(_ base: String, _ chain: String, _ words: String, isNew: Bool = false) -> TableChange.BaseRule {
            let state = isNew ? "-m conntrack --ctstate NEW " : ""
            return TableChange.BaseRule(base, "\(state)\(RuleText.comment(words)) -j \(chain)")
        }
        let portals = "kubernetes service portals"
        if table == "nat" {
            return [
                jump("PREROUTING", ChainName.services, portals), jump("OUTPUT", ChainName.services, portals),
                jump("POSTROUTING", ChainName.postrouting, "kubernetes postrouting rules"),
            ]
        }
        guard table == "filter" else { return [] }
        let firewall = "kubernetes load balancer firewall"
        let external = "kubernetes externally-visible service portals"
        let local = "kubernetes localhost firewall"
        return ["INPUT", "FORWARD", "OUTPUT"].flatMap { base in
            var jumps = [jump(base, ChainName.proxyFirewall, firewall, isNew: true)]
            if base == "INPUT" {
                jumps.append(jump(base, ChainName.nodePorts, "kubernetes health check service ports"))
            }
            if base == "FORWARD" {
                jumps.append(jump(base, ChainName.forward, "kubernetes forwarding rules"))
            } else {
                jumps.append(jump(base, ChainName.localFirewall, local))
            }
            jumps.append(jump(base, ChainName.externalServices, external, isNew: true))
            if base != "INPUT" { jumps.append(jump(base, ChainName.services, portals, isNew: true)) }
            return jumps
        }
    }

    // MARK: Sets

    /// Addresses on which node ports answer.
    var elements: Set<SetElement> {
        Set(
            node.nodePortAddresses.filter { $0.family == family && (!$0.isLoopback || routesLocalnet) }
                .map { SetElement(.nodeIPs, .ip($0)) })
    }
}
