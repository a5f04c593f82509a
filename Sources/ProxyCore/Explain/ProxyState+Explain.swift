import KubeAPI
import NetTypes

extension ProxyState {
    /// Tells which Service an address and port lead to, which endpoints and why. Valid after `settle` or `load`.
    public func explain(_ query: ExplainQuery) -> Explanation {
        let found = servicePort(at: query.destination, query.proto)
        let ranges = found.flatMap { port, frontend in port.ranges(guarding: frontend) }
        let paths = origins(query, ranges).map { origin in
            Explanation.Path(origin.label, PacketOracle(self).verdict(origin.packet))
        }
        let destination = "\(query.destination)/\(query.proto)"
        guard let (port, frontend) = found else {
            return Explanation(destination: destination, service: nil, conflicts: [], paths: paths, endpoints: [])
        }
        let losers = losers(of: query.destination, query.proto, isNodePort: frontend.address == .nodePort)
        return Explanation(
            destination: destination, service: serviceAccount(port, frontend),
            conflicts: losers.filter { $0 != port.name }.map { "\($0)" }, paths: paths,
            endpoints: endpoints(of: port.name).map { Explanation.Endpoint($0, port, frontend) })
    }

    private func serviceAccount(_ port: ServicePort, _ frontend: Frontend) -> Explanation.ServiceAccount {
        let isLocal = frontend.address.isExternal ? port.externalPolicyIsLocal : port.internalPolicyIsLocal
        return Explanation.ServiceAccount(
            name: "\(port.name)", frontend: frontend.address.kind, trafficPolicy: isLocal ? "Local" : "Cluster",
            balance: port.balance.rawValue, affinityTimeout: port.affinityTimeout,
            sourceRanges: port.ranges(guarding: frontend)?.map { "\($0)" },
            advice: slots[port.name.service].map { entries[Int($0)].advice.map(\.message) } ?? [])
    }

    /// A packet for every kind of source that the query leaves possible.
    private func origins(_ query: ExplainQuery, _ ranges: [CIDR]?) -> [(label: String, packet: Packet)] {
        func packet(_ source: IPAddress, _ interface: String? = nil, isFromNode: Bool = false) -> Packet {
            Packet(
                proto: query.proto, source: AddressPort(source, 0), destination: query.destination,
                inputInterface: interface, isFromNode: isFromNode)
        }
        let family = query.destination.address.family
        let unknown = IPAddress.unspecified(family)
        let pod = "a pod of this node"
        guard let source = query.source else {
            let own = node.localAddresses.filter { $0.family == family && !$0.isLoopback }.min()
            var origins = [("this node", packet(own ?? unknown, isFromNode: true))]
            if let interface = node.podInterface { origins.insert((pod, packet(unknown, interface)), at: 0) }
            if let prefix = node.podPrefix(family) { origins.insert((pod, packet(prefix.address)), at: 0) }
            guard let ranges else { return origins + [("elsewhere", packet(unknown))] }
            let allowed = ranges.map { packet($0.address) }.first { !node.isLocalPod($0) && !node.isOwn($0) }
            if let allowed { origins.append(("elsewhere, inside the source ranges", allowed)) }
            return origins + [("elsewhere, outside the source ranges", packet(unknown))]
        }
        if node.localAddresses.contains(source) {
            return [("this node (\(source))", packet(source, isFromNode: true))]
        }
        if let interface = node.podInterface {
            return [("\(pod) (\(source))", packet(source, interface)), ("elsewhere (\(source))", packet(source))]
        }
        return [("\(node.isLocalPod(packet(source)) ? pod : "elsewhere") (\(source))", packet(source))]
    }
}

extension NodeFacts {
    /// The first prefix of local pods; nil when they are not told by address.
    fileprivate func podPrefix(_ family: IPFamily) -> CIDR? {
        guard case .cidrs(let cidrs) = detector else { return nil }
        return cidrs.first { $0.family == family }
    }

    /// An interface through which local pods are told; nil when they are told by address.
    fileprivate var podInterface: String? {
        switch detector {
        case .bridge(let name), .interfacePrefix(let name): name
        case .cidrs, .none: nil
        }
    }
}

extension FrontendAddress {
    fileprivate var kind: String {
        switch self {
        case .clusterIP: "ClusterIP"
        case .externalIP: "ExternalIP"
        case .loadBalancerIP: "LoadBalancer"
        case .nodePort: "NodePort"
        }
    }
}

extension Explanation.Path {
    fileprivate init(_ source: String, _ verdict: Verdict) {
        switch verdict {
        case .notService: self.init(source, "not a Service")
        case .reject(let refusal): self.init(source, "rejected", refusal.rawValue)
        case .drop(let refusal): self.init(source, "dropped", refusal.rawValue)
        case .balance(let balance):
            let masquerade =
                switch balance.masquerade {
                case .always: "yes: \(balance.masqueradeCause?.rawValue ?? "")"
                case .onlyHairpin: "only when the endpoint chosen is the source itself"
                case .never: "no: endpoints see the source's address"
                }
            self.init(
                source: source, verdict: "balanced", reason: nil,
                endpoints: balance.endpoints.endpoints.map { "\($0)" }, weights: balance.endpoints.weights,
                masquerade: masquerade)
        }
    }

    private init(_ source: String, _ verdict: String, _ reason: String? = nil) {
        self.init(source: source, verdict: verdict, reason: reason, endpoints: [], weights: [], masquerade: nil)
    }
}

extension Explanation.Endpoint {
    /// An endpoint counts as used when any source may reach it by this frontend.
    fileprivate init(_ account: EndpointAccount, _ port: ServicePort, _ frontend: Frontend) {
        let isExternal = frontend.address.isExternal
        let isLocal = isExternal ? port.externalPolicyIsLocal : port.internalPolicyIsLocal
        let fate = isLocal ? account.localFate : account.clusterFate
        let isShortCut = isExternal && isLocal && account.clusterFate == .used
        let reason = fate.reason.map { isShortCut ? "\($0); pods of this node and the node itself do use it" : $0 }
        self.init(
            address: account.port.map { "\(AddressPort(account.address, $0))" } ?? "\(account.address)",
            slice: account.slice, node: account.node, zone: account.zone, weight: account.weight,
            isUsed: fate == .used, reason: reason)
    }
}

extension EndpointFate {
    /// nil when used.
    var reason: String? {
        switch self {
        case .used: nil
        case .notReady: "not ready"
        case .terminating: "terminating, and ready ones exist"
        case .hintedElsewhere(.zone): "hinted to other zones"
        case .hintedElsewhere: "hinted to other nodes"
        case .notLocal: "not on this node, and the traffic policy is Local"
        case .drained: "weight 0: takes no new connections"
        case .duplicate: "another slice says better of the same address and port"
        case .otherFamily: "other address family"
        case .portMissing: "its slice does not serve this port"
        }
    }
}
