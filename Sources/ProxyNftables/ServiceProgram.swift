import NetTypes
import Nftables
import ProxyCore

/// Everything that one service port puts into a table: a pure function of the port.
struct ServiceProgram {
    /// Elements that no other service port has (frontends are unique).
    var elements: [(set: Layout.SetName, element: SetElement)] = []
    /// Elements that several service ports may have.
    var sharedElements: [SharedElement] = []
    /// Chains this port needs; shared unless they have an owner.
    var chains: [TableChain] = []
    /// Maps of the port's own.
    var maps: [SetSpec] = []

    private let port: ServicePort
    private var affinityTargets: Set<AffinityScope> = []

    init(_ port: ServicePort) {
        self.port = port
        let cluster = SlotTable(port.clusterEndpoints, port.balance)
        for frontend in port.frontends {
            switch (frontend.address, port.externalPolicyIsLocal) {
            case (.clusterIP(let ip), _):
                sharedElements.append(SharedElement(.clusterIPs, .address(ip)))
                let scope: AffinityScope = port.internalPolicyIsLocal ? .internal : .cluster
                let slots =
                    port.internalEndpoints == port.clusterEndpoints
                    ? cluster : SlotTable(port.internalEndpoints, port.balance)
                serve(frontend, .clusterIP, slots, scope)
                refuse(frontend, unless: !port.internalEndpoints.isEmpty, isLocal: port.internalPolicyIsLocal)
            case (_, false):
                serve(frontend, .external, cluster, .cluster)
                refuse(frontend, unless: !port.clusterEndpoints.isEmpty, isLocal: false)
            case (_, true):
                serveLocally(frontend, cluster)
                refuse(frontend, unless: !port.localEndpoints.isEmpty, isLocal: true)
            }
            guardSources(frontend)
        }
        sharedElements += port.hairpinAddresses.map { SharedElement(.hairpinConnections, .pair($0)) }
    }

    /// Sends a frontend to a chain, and fills its slots.
    private mutating func serve(
        _ frontend: Frontend, _ entry: LoadBalancerChain.Entry, _ slots: SlotTable, _ scope: AffinityScope
    ) {
        let chain = loadBalancer(frontend, entry, slots.pick, scope)
        add(frontend, service: .serviceIPs, nodePort: .serviceNodePorts, goto: chain.name)
        fill(frontend, slots, service: .serviceEndpoints, nodePort: .nodePortEndpoints)
        remember(frontend, .affinityRecord(scope))
    }

    /// externalTrafficPolicy Local: two choices, one for pods and the node and one for everybody else.
    private mutating func serveLocally(_ frontend: Frontend, _ cluster: SlotTable) {
        let shortCut = loadBalancer(frontend, .endpoints, cluster.pick, .cluster)
        let local = SlotTable(port.localEndpoints, port.balance)
        let chain = loadBalancer(frontend, .externalLocal(shortCut: shortCut.name), local.pick, .local)
        add(frontend, service: .serviceIPs, nodePort: .serviceNodePorts, goto: chain.name)
        fill(frontend, cluster, service: .serviceEndpoints, nodePort: .nodePortEndpoints)
        fill(frontend, local, service: .serviceLocalEndpoints, nodePort: .nodePortLocalEndpoints)
        remember(frontend, .affinityRecordLocal)
    }

    private mutating func loadBalancer(
        _ frontend: Frontend, _ entry: LoadBalancerChain.Entry, _ pick: SlotTable.Pick, _ scope: AffinityScope
    ) -> LoadBalancerChain {
        let hasState = port.affinityTimeout != nil || pick.needsOwnChain
        let chain = LoadBalancerChain(
            entry: entry, isNodePort: frontend.address == .nodePort, pick: pick, owner: hasState ? port.name : nil,
            affinityMap: port.affinityTimeout == nil ? nil : port.affinityMap(scope))
        need(.loadBalancer(chain))
        return chain
    }

    private mutating func need(_ chain: TableChain) {
        if !chains.contains(chain) { chains.append(chain) }
    }

    private mutating func fill(
        _ frontend: Frontend, _ slots: SlotTable, service: Layout.SetName, nodePort: Layout.SetName
    ) {
        let set = frontend.address == .nodePort ? nodePort : service
        elements.reserveCapacity(elements.count + slots.slots.count + 1)
        let key = self.key(frontend)
        for (slot, endpoint) in slots.slots.enumerated() {
            var slotKey = key
            slotKey.append(hostOrder: UInt32(slot))
            elements.append((set, SetElement(key: slotKey, data: .bytes(RegisterBytes(endpoint)))))
        }
    }

    /// What happens to packets that no endpoint took: dropped under a Local policy when other nodes have endpoints,
    /// so that whoever sent them here notices; rejected otherwise.
    private mutating func refuse(_ frontend: Frontend, unless hasEndpoint: Bool, isLocal: Bool) {
        guard !hasEndpoint else { return }
        if isLocal && port.hasAnyEndpoint {
            add(frontend, service: .noLocalEndpointServices, nodePort: .noLocalEndpointNodePorts)
        } else {
            add(frontend, service: .noEndpointServices, nodePort: .noEndpointNodePorts)
        }
    }

    private mutating func guardSources(_ frontend: Frontend) {
        guard let ranges = port.sourceRanges else { return }
        switch frontend.address {
        case .loadBalancerIP: break
        case .nodePort where port.sourceRangesGuardNodePort: break
        default: return
        }
        let chain = TableChain.firewall(FirewallChain(ranges: ranges))
        need(chain)
        add(frontend, service: .firewallIPs, nodePort: .firewallNodePorts, goto: chain.name)
    }

    // MARK: Affinity

    /// Has the frontend's new connections remembered after DNAT.
    private mutating func remember(_ frontend: Frontend, _ kind: AffinityRecordChain.Kind) {
        guard let timeout = port.affinityTimeout else { return }
        for scope in kind.scopes where affinityTargets.insert(scope).inserted {
            maps.append(
                SetSpec(
                    port.affinityMap(scope), key: [.sourceAddress],
                    data: Layout.endpoint, isDynamic: true))
        }
        let record = AffinityRecordChain(
            kind: kind, owner: port.name, timeout: timeout, map: port.affinityMap(kind.scopes[0]),
            localMap: kind.scopes.count > 1 ? port.affinityMap(kind.scopes[1]) : nil)
        need(.affinityRecord(record))
        add(frontend, service: .affinityServices, nodePort: .affinityNodePorts, goto: record.name)
    }

    // MARK: Elements

    private func key(_ frontend: Frontend) -> RegisterBytes {
        var key = RegisterBytes()
        if let ip = frontend.address.ip { key.append(ip) }
        key.append(port.name.proto)
        key.append(port: frontend.port)
        return key
    }

    private mutating func add(
        _ frontend: Frontend, service: Layout.SetName, nodePort: Layout.SetName, goto chain: String? = nil
    ) {
        let set = frontend.address == .nodePort ? nodePort : service
        elements.append(
            (
                set,
                SetElement(
                    key: key(frontend), data: chain.map { .verdict(.goto($0)) } ?? .none, comment: "\(port.name)")
            ))
    }
}

/// Which endpoints a client's affinity chooses among; each has a map of its own.
enum AffinityScope: Hashable, Sendable, CaseIterable {
    /// All endpoints.
    case cluster
    /// Under internalTrafficPolicy Local.
    case `internal`
    /// Under externalTrafficPolicy Local.
    case local

    var infix: String {
        switch self {
        case .cluster: ""
        case .internal: "-internal"
        case .local: "-local"
        }
    }
}

/// An element that stays while any service port wants it.
struct SharedElement: Hashable, Sendable {
    enum Key: Hashable, Sendable {
        case address(IPAddress)
        /// Source and destination alike.
        case pair(IPAddress)
    }

    let set: Layout.SetName
    let key: Key

    init(_ set: Layout.SetName, _ key: Key) {
        self.set = set
        self.key = key
    }

    var element: SetElement {
        var bytes = RegisterBytes()
        switch key {
        case .address(let address): bytes.append(address)
        case .pair(let address):
            bytes.append(address)
            bytes.append(address)
        }
        return SetElement(key: bytes)
    }
}

extension RegisterBytes {
    /// An endpoint as a DNAT map holds it: address, port.
    init(_ endpoint: AddressPort) {
        self.init()
        append(endpoint.address)
        append(port: endpoint.port)
    }
}
