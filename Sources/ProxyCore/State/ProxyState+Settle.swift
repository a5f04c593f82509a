import KubeAPI
import NetTypes

extension ProxyState {
    /// Resolves what staged events touched, and tells nothing: for the first load and for a resynchronisation, which
    /// read the whole state anyway.
    public mutating func load() {
        for slot in pending.dirty { replace(slot, with: resolve(slot)) }
        finish()
    }

    /// Resolves what staged events touched. Within the delta a service port that loses a frontend comes before those
    /// that gain one.
    public mutating func settle() -> ProxyDelta {
        var delta = ProxyDelta()
        if let old = pending.nodeBefore, old != node { delta.node = (old, node) }
        var gains: [ServicePortChange] = []
        for slot in pending.dirty {
            let old = entries[Int(slot)]
            let resolution = resolve(slot)
            replace(slot, with: resolution)
            for change in ServicePortChange.changes(from: old.ports, to: resolution.ports) {
                if change.losesFrontend { delta.servicePorts.append(change) } else { gains.append(change) }
            }
            if old.healthCheck != resolution.healthCheck {
                delta.healthChecks.append(HealthCheckChange(old: old.healthCheck, new: resolution.healthCheck))
            }
            if pending.hasPast { delta.staleFlows += staleFlows(slot, old.ports) }
            delta.advice += newAdvice(slot, lostBefore: old.lostFrontends)
        }
        delta.servicePorts += gains
        finish()
        return delta
    }

    private mutating func replace(_ slot: Int32, with resolution: Resolution) {
        let index = Int(slot)
        for port in entries[index].ports { count(port, -1) }
        for port in resolution.ports { count(port, 1) }
        entries[index].ports = resolution.ports
        entries[index].lostFrontends = resolution.lostFrontends
        entries[index].healthCheck = resolution.healthCheck
        entries[index].isDirty = false
    }

    private mutating func count(_ port: ServicePort, _ sign: Int32) {
        counts.count(port, Int(sign))
        for case .clusterIP(let ip) in port.frontends.lazy.map(\.address) {
            let users = clusterIPs[ip, default: 0] + sign
            clusterIPs[ip] = users == 0 ? nil : users
        }
    }

    private mutating func finish() {
        for slice in pending.retired { tables.release(slice) }
        for slot in pending.dirty where entries[Int(slot)].isVacant {
            let name = entries[Int(slot)].name
            guard slots[name] == slot else { continue }
            slots[name] = nil
            vacantSlots.append(slot)
        }
        pending = Pending()
        pending.hasPast = true
    }

    // MARK: Advice

    /// What could be said of the slot and has not been said before.
    private func newAdvice(_ slot: Int32, lostBefore: [FrontendKey]) -> [Advice] {
        let entry = entries[Int(slot)]
        let said = pending.adviceBefore[slot] ?? []
        return entry.advice.filter { !said.contains($0) }
            + entry.lostFrontends.filter { !lostBefore.contains($0) }.map { conflictAdvice(entry, $0) }
    }

    private func conflictAdvice(_ entry: ServiceEntry, _ key: FrontendKey) -> Advice {
        let place =
            key.ip.isUnspecified
            ? "node port \(key.port)/\(key.proto)" : "\(AddressPort(key.ip, key.port))/\(key.proto)"
        let winner = owner(key).map { "\($0)" } ?? "another Service"
        return Advice(entry.subject, "FrontendConflict", "\(place) is served by \(winner), which claimed it first")
    }

    /// Everything there is to say, said before or not; visits every Service.
    public var advice: [Advice] {
        entries.flatMap { entry in
            entry.isVacant ? [] : entry.advice + entry.lostFrontends.map { conflictAdvice(entry, $0) }
        }
    }
}

extension ServicePortChange {
    fileprivate var losesFrontend: Bool {
        guard let old else { return false }
        guard let new else { return true }
        return old.frontends != new.frontends && old.frontends.contains { !new.frontends.contains($0) }
    }

    /// Removed ports first, then the others in the new order.
    fileprivate static func changes(from old: [ServicePort], to new: [ServicePort]) -> [ServicePortChange] {
        guard old != new else { return [] }
        if old.count <= 1, new.count <= 1, old.isEmpty || new.isEmpty || old[0].name == new[0].name {
            return [ServicePortChange(old: old.first, new: new.first)]
        }
        var before = Dictionary(uniqueKeysWithValues: old.map { ($0.name, $0) })
        let changed = new.compactMap { port -> ServicePortChange? in
            let former = before.removeValue(forKey: port.name)
            return former == port ? nil : ServicePortChange(old: former, new: port)
        }
        let removed = old.filter { before[$0.name] != nil }.map { ServicePortChange(old: $0, new: nil) }
        return removed + changed
    }
}
