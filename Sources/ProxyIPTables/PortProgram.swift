import IPSet
import NetTypes
import ProxyCore

/// All that one service port needs: chains of its own, where packets enter them, and entries of sets. Pure.
struct PortProgram {
    private let port: ServicePort
    private let node: NodeFacts
    /// Of the service port's name, for its chains.
    private let hash: String
    private(set) var chains: [String: [String]] = [:]
    /// Frontends that lead somewhere, and the chain they lead to.
    private(set) var targets: [DispatchKey: DispatchTarget] = [:]
    private(set) var elements: Set<SetElement> = []

    private enum Scope { case internalSet, cluster, local }

    init(_ port: ServicePort, _ node: NodeFacts) {
        self.port = port
        self.node = node
        hash = ChainName.hash(port.name)
        for frontend in port.frontends { add(frontend) }
        addLoopBacks()
    }

    private var family: IPFamily { port.name.family }
    private var proto: TransportProtocol { port.name.proto }
    private func hash(_ more: String) -> String { more.isEmpty ? hash : ChainName.hash(port.name, more) }
    private func comment(_ text: String = "") -> String {
        RuleText.comment("\(port.name)\(text.isEmpty ? "" : " \(text)")")
    }

    // MARK: Frontends

    private mutating func add(_ frontend: Frontend) {
        guard case .clusterIP(let ip) = frontend.address else { return addExternal(frontend) }
        elements.insert(SetElement(.clusterIPs, .ip(ip)))
        if port.internalEndpoints.isEmpty {
            refuse(frontend, isLocal: port.internalPolicyIsLocal)
        } else {
            enter(frontend, balancer(.internalSet))
        }
    }

    private mutating func addExternal(_ frontend: Frontend) {
        let isLocal = port.externalPolicyIsLocal
        let isServed = !port.clusterEndpoints.isEmpty || isLocal && !port.localEndpoints.isEmpty
        if isLocal ? port.localEndpoints.isEmpty : port.clusterEndpoints.isEmpty { refuse(frontend, isLocal: isLocal) }
        let ranges = guardedRanges(frontend)
        if let ranges { guardSources(frontend, ranges) }
        guard isServed else { return }
        let external = externalChain(isNodePort: frontend.address == .nodePort)
        enter(frontend, ranges.map { firewallChain($0, external) } ?? external)
    }

    private mutating func enter(_ frontend: Frontend, _ chain: String) {
        let key = DispatchKey(frontend.address.ip, proto, frontend.port)
        targets[key] = DispatchTarget(chain: chain, comment: "\(port.name)")
        insert(frontend, .services, .nodePorts)
    }

    private mutating func refuse(_ frontend: Frontend, isLocal: Bool) {
        if isLocal && port.hasAnyEndpoint {
            insert(frontend, .dropped, .droppedNodePorts)
        } else {
            insert(frontend, .rejected, .rejectedNodePorts)
        }
    }

    private mutating func insert(_ frontend: Frontend, _ addressSet: SetName, _ nodePortSet: SetName) {
        if let ip = frontend.address.ip {
            elements.insert(SetElement(addressSet, .ipPort(ip, proto, frontend.port)))
        } else {
            for half in CIDR.everything(family) {
                elements.insert(SetElement(nodePortSet, .netPort(half, proto, frontend.port)))
            }
        }
    }

    // MARK: Chains

    private func endpoints(_ scope: Scope) -> EndpointSet {
        switch scope {
        case .internalSet: port.internalEndpoints
        case .cluster: port.clusterEndpoints
        case .local: port.localEndpoints
        }
    }

    private func balancerName(_ scope: Scope) -> String {
        let isLocal = scope == .local || scope == .internalSet && port.internalPolicyIsLocal
        let twin = isLocal ? port.localEndpoints : port.clusterEndpoints
        let differs = scope == .internalSet && !twin.isEmpty && twin != port.internalEndpoints
        return (isLocal ? "KUBE-SVL-" : "KUBE-SVC-") + hash(differs ? "internal" : "")
    }

    /// The chain that chooses among the endpoints of a scope.
    private mutating func balancer(_ scope: Scope) -> String {
        let name = balancerName(scope)
        guard chains[name] == nil else { return name }
        let masquerade = masqueradeRules(name)
        let pick = EndpointPick(port: port, set: endpoints(scope), isNamed: !masquerade.isEmpty)
        chains[name] = masquerade + pick.rules
        chains.merge(pick.endpointChains) { $1 }
        return name
    }

    /// Cluster-IP traffic that does not come from a local pod is masqueraded; its chain is that of the cluster IP.
    private func masqueradeRules(_ chain: String) -> [String] {
        guard chain == balancerName(.internalSet) else { return [] }
        let sources = RuleText.localPods(node, family)
        let match: String
        let target: String
        switch sources.count {
        case _ where node.masqueradeAll: (match, target) = ("", ChainName.mark)
        case 0: return []
        case 1: (match, target) = ("! \(sources[0]) ", ChainName.mark)
        default: (match, target) = ("", ChainName.markRemote)
        }
        return port.frontends.compactMap { frontend in
            guard case .clusterIP(let ip) = frontend.address else { return nil }
            let words = "-p \(proto) \(comment("cluster IP")) -m \(proto) --dport \(frontend.port) -j \(target)"
            // iptables-save prints addresses before interfaces.
            let isInterface = match.contains("-i ")
            return isInterface ? "-d \(CIDR(host: ip)) \(match)\(words)" : "\(match)-d \(CIDR(host: ip)) \(words)"
        }
    }

    /// The rules that end in a scope's choice. A round-robin counter is for one kind of address alone: each counts on.
    private mutating func choose(_ scope: Scope) -> [String] {
        guard port.balance != .roundRobin else { return EndpointPick(port: port, set: endpoints(scope)).rules }
        return ["\(comment()) -j \(balancer(scope))"]
    }

    private mutating func externalChain(isNodePort: Bool) -> String {
        let isOwn = isNodePort && port.balance == .roundRobin
        let name = "KUBE-EXT-" + hash(isOwn ? "node port" : "")
        guard chains[name] == nil else { return name }
        var rules: [String] = []
        if port.externalPolicyIsLocal {
            if !port.clusterEndpoints.isEmpty { rules += shortCuts(balancer(.cluster)) }
            if !port.localEndpoints.isEmpty { rules += choose(.local) }
        } else {
            rules.append("\(comment("external traffic")) -j \(ChainName.mark)")
            rules += choose(.cluster)
        }
        chains[name] = rules
        if port.affinityTimeout != nil, port.balance == .roundRobin {
            let pick = EndpointPick(port: port, set: endpoints(port.externalPolicyIsLocal ? .local : .cluster))
            chains.merge(pick.endpointChains) { $1 }
        }
        return name
    }

    /// Under policy Local pods and the node itself use all endpoints.
    private func shortCuts(_ chain: String) -> [String] {
        let isFromNode = "-m addrtype --src-type LOCAL"
        return RuleText.localPods(node, family).map { "\($0) \(comment("pod traffic")) -j \(chain)" } + [
            "\(comment("from this node")) \(isFromNode) -j \(ChainName.mark)",
            "\(comment("from this node")) \(isFromNode) -j \(chain)",
        ]
    }

    // MARK: Source ranges

    private func guardedRanges(_ frontend: Frontend) -> [CIDR]? {
        switch frontend.address {
        case .loadBalancerIP: port.sourceRanges
        case .nodePort where port.sourceRangesGuardNodePort: port.sourceRanges
        default: nil
        }
    }

    private mutating func firewallChain(_ ranges: [CIDR], _ next: String) -> String {
        let name = "KUBE-FW-" + hash(next.hasSuffix(hash) ? "" : "node port")
        chains[name] = ranges.map {
            ($0.isEverything ? "" : "-s \($0) ") + "\(comment("source ranges")) -j \(next)"
        }
        return name
    }

    private mutating func guardSources(_ frontend: Frontend, _ ranges: [CIDR]) {
        insert(frontend, .guarded, .guardedNodePorts)
        for range in ranges.flatMap(\.storable) {
            if let ip = frontend.address.ip {
                elements.insert(SetElement(.guardedSources, .ipPortNet(ip, proto, frontend.port, range)))
            } else {
                elements.insert(SetElement(.guardedNodePortSources, .netPort(range, proto, frontend.port)))
            }
        }
    }

    // MARK: Hairpin

    private mutating func addLoopBacks() {
        guard !port.hairpinAddresses.isEmpty else { return }
        let mayBeHere = Set(port.hairpinAddresses)
        for set in [port.internalEndpoints, port.clusterEndpoints, port.localEndpoints] {
            for endpoint in set.endpoints where mayBeHere.contains(endpoint.address) {
                let key = SetEntry.Key.ipPortIP(endpoint.address, proto, endpoint.port, endpoint.address)
                elements.insert(SetElement(.loopBack, key))
            }
        }
    }
}
