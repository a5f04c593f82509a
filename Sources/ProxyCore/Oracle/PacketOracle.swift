import NetTypes

/// Says what must happen to a packet: the specification of every proxy mode, in the order in which it is written down
/// and without regard to how a mode does it.
public struct PacketOracle: Sendable {
    private let state: ProxyState

    public init(_ state: ProxyState) { self.state = state }

    public func verdict(_ packet: Packet) -> Verdict {
        guard let (port, frontend) = state.servicePort(at: packet.destination, packet.proto) else {
            return verdictWithoutService(packet.destination.address)
        }
        // Source ranges come before everything, also when there is no endpoint.
        if let ranges = port.ranges(guarding: frontend), !ranges.contains(where: { $0.contains(packet.source.address) })
        {
            return .drop(.sourceRanges)
        }
        // Without an endpoint anywhere, clients are told at once.
        guard port.hasAnyEndpoint else { return .reject(.noEndpoints) }
        // Under policy Local, without an endpoint here: silence, so that whoever sent it tries another node.
        let endpoints = endpoints(port, frontend, packet)
        guard !endpoints.isEmpty else { return .drop(.noLocalEndpoints) }

        let cause = masqueradeCause(port, frontend, packet)
        let isHairpinPossible = endpoints.endpoints.contains { $0.address == packet.source.address }
        return .balance(
            Verdict.Balance(
                service: port.name, endpoints: endpoints, algorithm: port.balance,
                affinityTimeout: port.affinityTimeout,
                masquerade: cause != nil ? .always : isHairpinPossible ? .onlyHairpin : .never,
                masqueradeCause: cause))
    }

    private func verdictWithoutService(_ address: IPAddress) -> Verdict {
        if state.isClusterIP(address) { return .reject(.unknownPort) }
        if state.node.serviceCIDRs.contains(where: { $0.contains(address) }) { return .drop(.unallocatedAddress) }
        return .notService
    }

    private func endpoints(_ port: ServicePort, _ frontend: Frontend, _ packet: Packet) -> EndpointSet {
        guard frontend.address.isExternal else { return port.internalEndpoints }
        guard port.externalPolicyIsLocal else { return port.clusterEndpoints }
        // Pods and processes of this node need no load balancer to send them to another node.
        if state.node.isLocalPod(packet) || state.node.isOwn(packet) { return port.clusterEndpoints }
        return port.localEndpoints
    }

    private func masqueradeCause(
        _ port: ServicePort, _ frontend: Frontend, _ packet: Packet
    ) -> Verdict.MasqueradeCause? {
        let node = state.node
        guard frontend.address.isExternal else {
            if node.masqueradeAll { return .masqueradeAll }
            let isTold = node.tellsLocalPods(packet.source.address.family)
            return isTold && !node.isLocalPod(packet) ? .notLocalPod : nil
        }
        guard port.externalPolicyIsLocal else { return .externalCluster }
        return !node.isLocalPod(packet) && node.isOwn(packet) ? .nodeToExternal : nil
    }
}

extension ServicePort {
    /// The sources that may use a frontend; nil means everyone.
    func ranges(guarding frontend: Frontend) -> [CIDR]? {
        switch frontend.address {
        case .clusterIP, .externalIP: nil
        case .loadBalancerIP: sourceRanges
        case .nodePort: sourceRangesGuardNodePort ? sourceRanges : nil
        }
    }
}

extension NodeFacts {
    /// Whether anything tells local pods from other sources.
    func tellsLocalPods(_ family: IPFamily) -> Bool {
        switch detector {
        case .cidrs(let cidrs): cidrs.contains { $0.family == family }
        case .bridge, .interfacePrefix: true
        case .none: false
        }
    }

    func isLocalPod(_ packet: Packet) -> Bool {
        switch detector {
        case .cidrs(let cidrs): cidrs.contains { $0.contains(packet.source.address) }
        case .bridge(let name): !packet.isFromNode && packet.inputInterface == name
        case .interfacePrefix(let prefix): !packet.isFromNode && packet.inputInterface?.hasPrefix(prefix) == true
        case .none: false
        }
    }

    /// Whether the node itself sends a packet.
    func isOwn(_ packet: Packet) -> Bool {
        packet.isFromNode || localAddresses.contains(packet.source.address)
    }
}
