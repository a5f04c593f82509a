import KubeAPI
import NetTypes

extension ProxyState {
    /// Whether conntrack should forget a flow, judged by this state alone: for the daemon's start and after failures.
    ///
    /// Flows to addresses that no service port serves are none of ours. Of a service port's flows those are stale that
    /// no serving endpoint answers: of UDP all, of TCP and SCTP the unreplied ones.
    public func isStale(_ flow: TrackedFlow) -> Bool {
        guard flow.proto == .udp || flow.isUnreplied,
            let (port, _) = servicePort(at: flow.originalDestination, flow.proto), let slot = slots[port.name.service]
        else { return false }
        return !servingEndpoints(entries[Int(slot)].slices, port.name).contains(flow.replySource)
    }

    /// Flows of a dirty, resolved slot that became stale since the last `settle`.
    ///
    /// - Toward endpoints that no longer serve.
    /// - UDP: to frontends that came, or whose service port came to its first endpoint or lost its last or changed its
    ///   policy, when no endpoint answers; to frontends that went, all.
    func staleFlows(_ slot: Int32, _ oldPorts: [ServicePort]) -> [StaleFlows] {
        let entry = entries[Int(slot)]
        let slicesBefore = pending.slicesBefore[slot] ?? []
        var stale: [StaleFlows] = []
        for old in oldPorts {
            let serving = servingEndpoints(entry.slices, old.name)
            let gone = servingEndpoints(slicesBefore, old.name).subtracting(serving)
            if !gone.isEmpty { stale.append(staleFlows(old.name, old.frontends, .toward(gone))) }
            guard old.name.proto == .udp else { continue }
            let kept = entry.ports.first { $0.name == old.name }?.frontends ?? []
            let lost = old.frontends.filter { !kept.contains($0) }
            if !lost.isEmpty { stale.append(staleFlows(old.name, lost, .notToward([]))) }
        }
        for new in entry.ports where new.name.proto == .udp {
            let old = oldPorts.first { $0.name == new.name }
            let isTurn =
                old?.hasAnyEndpoint != new.hasAnyEndpoint || old?.externalPolicyIsLocal != new.externalPolicyIsLocal
            let suspects = isTurn ? new.frontends : new.frontends.filter { old?.frontends.contains($0) != true }
            guard !suspects.isEmpty else { continue }
            stale.append(staleFlows(new.name, suspects, .notToward(servingEndpoints(entry.slices, new.name))))
        }
        return stale
    }

    private func staleFlows(
        _ name: ServicePortName, _ frontends: [Frontend], _ selection: StaleFlows.Selection
    ) -> StaleFlows {
        let destinations = frontends.flatMap { frontend -> [AddressPort] in
            if let ip = frontend.address.ip { return [AddressPort(ip, frontend.port)] }
            return node.nodePortAddresses.filter { $0.family == name.family }.map { AddressPort($0, frontend.port) }
        }
        return StaleFlows(service: name, frontends: destinations, selection: selection)
    }

    /// Endpoints that may keep the flows they have, whatever policies and hints say of new ones.
    private func servingEndpoints(_ slices: [SliceRecord], _ name: ServicePortName) -> Set<AddressPort> {
        var serving: Set<AddressPort> = []
        for slice in slices where slice.family == name.family {
            guard let number = tables.portNumber(slice, name: name.port, proto: name.proto) else { continue }
            for endpoint in slice.endpoints where endpoint.keepsFlows {
                serving.insert(AddressPort(endpoint.address, number))
            }
        }
        return serving
    }
}
