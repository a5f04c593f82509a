import NetTypes
import Nftables
import ProxyCore

extension NftablesBackend {
    public var notifications: CInt? { monitor.descriptor }

    public mutating func isIntact() -> Bool {
        foreignChanges.add(monitor.drain(), to: table)
        return foreignChanges.isEmpty
    }

    /// Looks at the elements and chains that others touched, and at nothing else.
    public mutating func repair(_ state: ProxyState) throws -> SyncReport? {
        let changes = foreignChanges
        foreignChanges = ForeignChanges()
        guard let planner, !changes.isWide else { return nil }
        var plan = TablePlan(change: Transaction(table), cleanup: Transaction(table))
        for chain in changes.chains.sorted() {
            let observed = try session.readChain(chain, of: table)
            guard planner.mend(chain, observed, &plan) else { return nil }
        }
        for set in Layout.SetName.allCases {
            guard let keys = changes.elements[set] else { continue }
            var observed: [RegisterBytes: SetElement] = [:]
            try session.forEachElement(
                of: set.rawValue, in: table, keys: keys, restart: { observed = [:] }, { observed[$0.key] = $0 })
            plan.mend(set, keys, observed) { planner.desiredElement($0, in: set, state) }
        }
        return try perform(plan)
    }
}

extension TablePlanner {
    /// Plans to give a chain its rules; false when that takes more than its rules.
    fileprivate func mend(_ name: String, _ observed: ObservedChain?, _ plan: inout TablePlan) -> Bool {
        guard let desired = desiredChain(name) else {
            guard observed != nil else { return true }
            plan.cleanup.operations += [.flushChain(name), .deleteChain(name)]
            return true
        }
        guard let observed else {
            plan.change.replace([desired])
            return true
        }
        guard observed.hook == desired.hook else { return false }
        if !desired.matches(observed, in: table) { plan.change.replace([desired]) }
        return true
    }

    /// What a set should hold under a key.
    fileprivate func desiredElement(_ key: RegisterBytes, in set: Layout.SetName, _ state: ProxyState) -> SetElement? {
        switch set {
        case .nodePortIPs: return node.nodePortElements(family).first { $0.key == key }
        case .clusterIPs, .hairpinConnections: return desiredSharedElement(key, in: set)
        default:
            guard let port = state.servicePort(key, isNodePort: set.isOfNodePorts, family) else { return nil }
            return ServiceProgram(port).elements.first { $0.set == set && $0.element.key == key }?.element
        }
    }

    private func desiredSharedElement(_ key: RegisterBytes, in set: Layout.SetName) -> SetElement? {
        guard let address = key.address(family) else { return nil }
        let shared = SharedElement(set, set == .clusterIPs ? .address(address) : .pair(address))
        return isNeeded(shared) && shared.element.key == key ? shared.element : nil
    }
}

extension TablePlan {
    fileprivate mutating func mend(
        _ set: Layout.SetName, _ keys: Set<RegisterBytes>, _ observed: [RegisterBytes: SetElement],
        _ desired: (RegisterBytes) -> SetElement?
    ) {
        var wrong: [SetElement] = []
        var missing: [SetElement] = []
        for key in keys {
            let want = desired(key)
            guard want != observed[key] else { continue }
            if let found = observed[key] { wrong.append(found) }
            if let want { missing.append(want) }
        }
        if !wrong.isEmpty { change.operations.append(.deleteElements(set: set.rawValue, wrong)) }
        change.add(set, missing)
    }
}

extension ProxyState {
    /// The service port whose address, protocol and port a key begins with.
    fileprivate func servicePort(_ key: RegisterBytes, isNodePort: Bool, _ family: IPFamily) -> ServicePort? {
        let addressBytes = isNodePort ? 0 : family.bytes
        let fields: (TransportProtocol, UInt16)? = key.withBytes { bytes in
            guard bytes.count >= addressBytes + 8, let proto = TransportProtocol(rawValue: bytes[addressBytes]) else {
                return nil
            }
            return (proto, UInt16(bytes[addressBytes + 4]) << 8 | UInt16(bytes[addressBytes + 5]))
        }
        guard let (proto, port) = fields else { return nil }
        if isNodePort { return servicePort(nodePort: port, proto, family) }
        return key.address(family).flatMap { servicePort(at: AddressPort($0, port), proto) }?.0
    }
}

extension Layout.SetName {
    fileprivate var isOfNodePorts: Bool {
        switch self {
        case .serviceNodePorts, .nodePortEndpoints, .nodePortLocalEndpoints, .noEndpointNodePorts,
            .noLocalEndpointNodePorts, .firewallNodePorts, .affinityNodePorts:
            true
        default: false
        }
    }
}
