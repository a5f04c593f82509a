import KubeAPI
import NetTypes

extension ProxyState {
    /// What a Service comes to.
    struct Resolution {
        var ports: [ServicePort] = []
        var lostFrontends: [FrontendKey] = []
        var healthCheck: HealthCheck?
    }

    func resolve(_ slot: Int32) -> Resolution {
        let entry = entries[Int(slot)]
        var resolution = Resolution()
        guard let record = entry.record else { return resolution }
        let families = record.families
        resolution.ports.reserveCapacity(families.count * record.ports.count)
        for family in families {
            for (index, port) in record.ports.enumerated() {
                let reference = PortReference(slot: slot, port: UInt16(truncatingIfNeeded: index))
                var held = record.frontends(port, family)
                held.removeAll { frontend in
                    let key = FrontendKey(frontend, port.proto, family)
                    guard frontends.owner(key) != reference else { return false }
                    resolution.lostFrontends.append(key)
                    return true
                }
                resolution.ports.append(resolve(entry, record, port, family, held))
            }
        }
        if record.healthCheckNodePort != 0 {
            resolution.healthCheck = HealthCheck(
                service: entry.name, port: record.healthCheckNodePort, localEndpoints: localReadyEndpoints(entry))
        }
        return resolution
    }

    private func resolve(
        _ entry: ServiceEntry, _ record: ServiceRecord, _ port: Service.Port, _ family: IPFamily, _ held: [Frontend]
    ) -> ServicePort {
        let isExternal = held.contains { $0.address.isExternal }
        let externalIsLocal = record.externalPolicyIsLocal && isExternal
        let internalIsLocal = record.internalPolicyIsLocal
        let candidates = candidates(entry, record, port, family)
        let choice = EndpointChoice(candidates)

        var cluster: [EndpointCandidate] = []
        var local: [EndpointCandidate] = []
        if !internalIsLocal || isExternal { cluster = candidates.filter { choice.clusterFate($0) == .used } }
        if internalIsLocal || externalIsLocal { local = candidates.filter { choice.localFate($0) == .used } }
        let clusterSet = EndpointSet(candidates: cluster)
        let localSet = local == cluster ? clusterSet : EndpointSet(candidates: local)
        var resolved = ServicePort(
            name: ServicePortName(service: entry.name, port: port.name, proto: port.proto, family: family),
            frontends: held, internalEndpoints: internalIsLocal ? localSet : clusterSet, clusterEndpoints: clusterSet,
            localEndpoints: externalIsLocal ? localSet : .empty, internalPolicyIsLocal: internalIsLocal,
            externalPolicyIsLocal: externalIsLocal,
            hasAnyEndpoint: choice.hasReady || candidates.contains(where: \.isServingTerminating),
            hairpinAddresses: Self.hairpins(cluster, local), affinityTimeout: record.affinityTimeout,
            balance: record.tuning.balance ?? .random, choosesBalance: record.tuning.balance != nil,
            sourceRanges: sourceRanges(record, family, held),
            sourceRangesGuardNodePort: record.tuning.sourceRangesGuardNodePort,
            healthCheckNodePort: record.healthCheckNodePort == 0 ? nil : record.healthCheckNodePort)
        resolved.ipvsScheduler = record.tuning.ipvsScheduler
        resolved.share(record.tuning.userspace)
        return resolved
    }

    /// Addresses of usable endpoints that may run on this node, ascending.
    private static func hairpins(_ cluster: [EndpointCandidate], _ local: [EndpointCandidate]) -> [IPAddress] {
        var addresses: [IPAddress] = []
        for candidate in cluster
        where !candidate.traits.isDisjoint(with: [.local, .unknownNode]) && addresses.last != candidate.target.address {
            addresses.append(candidate.target.address)
        }
        let others = local.map(\.target.address).filter { !addresses.contains($0) }
        return others.isEmpty ? addresses : Set(addresses + others).sorted()
    }

    // MARK: Candidates

    /// The endpoints of a service port in canonical order, each address and port once.
    func candidates(
        _ entry: ServiceEntry, _ record: ServiceRecord, _ port: Service.Port, _ family: IPFamily
    ) -> [EndpointCandidate] {
        let view = NodeView(node, tables)
        var candidates: [EndpointCandidate] = []
        for slice in entry.slices where slice.family == family {
            guard let number = tables.portNumber(slice, name: port.name, proto: port.proto) else { continue }
            candidates.reserveCapacity(candidates.count + slice.endpoints.count)
            for endpoint in slice.endpoints {
                candidates.append(view.candidate(endpoint, number, slice, record.tuning))
            }
        }
        return EndpointCandidate.canonical(candidates)
    }

    /// Endpoints as this node sees them.
    struct NodeView {
        private let name: String
        private let zone: String?
        /// nil when no endpoint names this node.
        private let number: UInt32?
        private let hints: InternTable<HintSet>

        init(_ node: NodeFacts, _ tables: SliceTables) {
            name = node.name
            zone = node.zone
            number = tables.strings.number(of: node.name)
            hints = tables.hints
        }

        func isLocal(_ endpoint: EndpointRecord) -> Bool { endpoint.node != 0 && endpoint.node == number }

        func candidate(
            _ endpoint: EndpointRecord, _ port: UInt16, _ slice: SliceRecord, _ tuning: ServiceTuning
        ) -> EndpointCandidate {
            let target = AddressPort(endpoint.address, port)
            return EndpointCandidate(
                target, weight: tuning.weight(of: target) ?? slice.weight, traits: traits(endpoint))
        }

        private func traits(_ endpoint: EndpointRecord) -> EndpointCandidate.Traits {
            var traits: EndpointCandidate.Traits = []
            if endpoint.conditions.contains(.ready) { traits.insert(.ready) }
            if endpoint.conditions.contains(.serving) { traits.insert(.serving) }
            if endpoint.conditions.contains(.terminating) { traits.insert(.terminating) }
            if endpoint.node == 0 { traits.insert(.unknownNode) } else if isLocal(endpoint) { traits.insert(.local) }
            guard endpoint.hints != 0, let hints = hints[endpoint.hints] else { return traits }
            if !hints.nodes.isEmpty { traits.insert(.hasNodeHints) }
            if hints.nodes.contains(name) { traits.insert(.hintedToNode) }
            if !hints.zones.isEmpty { traits.insert(.hasZoneHints) }
            if let zone, hints.zones.contains(zone) { traits.insert(.hintedToZone) }
            return traits
        }
    }

    // MARK: The rest

    /// What guards the frontends that source ranges apply to; nil when nothing is to be guarded.
    private func sourceRanges(_ record: ServiceRecord, _ family: IPFamily, _ held: [Frontend]) -> [CIDR]? {
        guard !record.sourceRanges.isEmpty else { return nil }
        let guarded = held.filter {
            switch $0.address {
            case .loadBalancerIP: true
            case .nodePort: record.tuning.sourceRangesGuardNodePort
            case .clusterIP, .externalIP: false
            }
        }
        guard !guarded.isEmpty else { return nil }
        return SourceRanges.allowed(
            record.sourceRanges.filter { $0.family == family },
            loadBalancerIPs: record.loadBalancerIPs.filter { $0.family == family },
            localAddresses: node.localAddresses)
    }

    private func localReadyEndpoints(_ entry: ServiceEntry) -> Int {
        let view = NodeView(node, tables)
        let counts = IPFamily.allCases.map { family in
            let ready = entry.slices.lazy.filter { $0.family == family }.flatMap(\.endpoints).filter {
                view.isLocal($0) && $0.conditions.contains(.ready)
            }
            return Set(ready.map(\.address)).count
        }
        return counts.max() ?? 0
    }
}
