import NetTypes
import Nftables
import ProxyCore
import ServiceTables

/// A chain that takes the packets of one or many frontends to an endpoint. Its rules follow from this value.
///
/// Services with the same needs share a chain: the kernel walks every chain of a table at each commit, and checks
/// every jump again when a verdict element or a DNAT rule is added. A changed endpoint touches neither.
struct LoadBalancerChain: Hashable, Sendable {
    /// What kind of address was called, and so what is done before the choice.
    enum Entry: Hashable, Sendable {
        /// Marked for masquerade unless from a local pod.
        case clusterIP
        /// externalTrafficPolicy Cluster: always marked.
        case external
        /// externalTrafficPolicy Local: pods and the node use `shortCut`, others the local endpoints, unmarked.
        case externalLocal(shortCut: String)
        /// The choice alone.
        case endpoints
    }

    let entry: Entry
    let isNodePort: Bool
    /// Chooses among the endpoints of this chain's scope: local ones for `externalLocal`.
    let pick: SlotTable.Pick
    /// Names the chain's own Service where state must not be shared: a round-robin counter, clients' affinity.
    let owner: ServicePortName?
    /// The map that holds clients' affinity.
    let affinityMap: String?

    var name: String {
        let words = isNodePort ? "nodeport-" : ""
        let kind =
            switch entry {
            case .clusterIP: "service"
            case .external: "external"
            case .externalLocal: "external-local"
            case .endpoints: "endpoints"
            }
        guard let owner else {
            if case .externalLocal(let shortCut) = entry { return "\(words)\(kind)-\(pick)-else-\(shortCut)" }
            return "\(words)\(kind)-\(pick)"
        }
        return "\(words)\(kind)-\(owner.chainSuffix)"
    }

    func chain(_ node: NodeFacts, _ family: IPFamily) -> Chain {
        Chain(name, rules: entryRules(node, family) + affinityRules + pickRules)
    }

    private func entryRules(_ node: NodeFacts, _ family: IPFamily) -> [Rule] {
        switch entry {
        case .clusterIP: return [Rule(.verdict(.jump(Layout.ChainName.markRemote)))]
        case .external: return [Rule(.verdict(.jump(Layout.ChainName.mark)), comment: "masquerade external traffic")]
        case .endpoints: return []
        case .externalLocal(let shortCut):
            return node.localPodMatches(family).map {
                Rule([$0, .verdict(.goto(shortCut))], comment: "short-circuit pod traffic")
            } + [
                Rule(.sourceIsLocal, .verdict(.jump(Layout.ChainName.mark)), comment: "masquerade local traffic"),
                Rule(.sourceIsLocal, .verdict(.goto(shortCut)), comment: "short-circuit local traffic"),
            ]
        }
    }

    private var affinityRules: [Rule] {
        guard let affinityMap, let owner else { return [] }
        return [Rule(.matchProtocol(owner.proto), .dnat([.sourceAddress], map: affinityMap))]
    }

    private var isLocal: Bool { if case .externalLocal = entry { true } else { false } }

    /// The map and the first part of its key, where this chain's slots are.
    private var endpointMap: Layout.SetName {
        switch (isNodePort, isLocal) {
        case (false, false): .serviceEndpoints
        case (false, true): .serviceLocalEndpoints
        case (true, false): .nodePortEndpoints
        case (true, true): .nodePortLocalEndpoints
        }
    }

    private var pickRules: [Rule] {
        pick.slotSelectors.map {
            let key = (isNodePort ? Layout.nodePortKey : Layout.serviceKey) + [$0]
            return Rule(.dnat(key, map: endpointMap.rawValue))
        }
    }
}

extension SlotTable.Pick: CustomStringConvertible {
    var description: String {
        switch self {
        case .random(let capacity): "random-\(capacity)"
        case .roundRobin(let count): "round-robin-\(count)"
        case .sourceHash(let count): "source-hash-\(count)"
        case .maglev(let size): "maglev-\(size)"
        }
    }

    /// Any constant will do; it must be the same on every node.
    private static let hashSeed: UInt32 = 0x6170_7573

    /// The slot numbers that the chain's rules try, in order. A rule whose slot is empty passes on to the next.
    ///
    /// Random slots are drawn until one is filled, which gives every endpoint the same chance. More than half of them
    /// are filled, so the draw after the last goes to the lower half, which is full, in at most one of 256 cases.
    var slotSelectors: [Selector] {
        switch self {
        case .random(capacity: 0): []
        case .random(let capacity) where capacity <= 2: [.random(modulus: capacity)]
        case .random(let capacity):
            Array(repeating: .random(modulus: capacity), count: 8) + [.random(modulus: capacity / 2)]
        case .roundRobin(let count): count == 0 ? [] : [.increment(modulus: count)]
        case .sourceHash(let count):
            count == 0 ? [] : [.hash([.sourceAddress], modulus: count, seed: Self.hashSeed)]
        case .maglev(let size):
            size == 0 ? [] : [.hash([.sourceAddress, .sourcePort], modulus: size, seed: Self.hashSeed)]
        }
    }

    /// A counter is shared by all who use the rule.
    var needsOwnChain: Bool { if case .roundRobin = self { true } else { false } }
}

extension ServicePortName {
    /// `HASH-namespace/name/proto/port`, the tail of kube-proxy's chain names.
    var chainSuffix: String {
        "\(StableHash.letters("\(self)/\(proto)"))-\(service)/\(proto)/\(port)"
    }
}
