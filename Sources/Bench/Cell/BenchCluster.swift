import KubeAPI
import Lab
import NetTypes
import ProxyCore

/// The Services of a cell: one with real pods for each scenario, and others that only stand there.
struct BenchCluster {
    let cell: BenchCell
    let pods: [IPAddress]

    /// Direct and balanced connections use different ports: otherwise they would compete for the same flows.
    enum Port {
        static let direct: UInt16 = 8080
        static let balanced: UInt16 = 8081
        static let directBulk: UInt16 = 8082
        static let balancedBulk: UInt16 = 8083
        static let service: UInt16 = 80
        static let serviceBulk: UInt16 = 81
    }

    /// Services without traffic.
    var others: SampleCluster {
        SampleCluster(services: max(0, cell.services - cell.scenarios.count), endpointsPerService: cell.endpoints)
    }

    var node: NodeFacts {
        let clients = CIDR(IPAddress(10, 2, 0, 0), prefixLength: 24).map { [$0] } ?? []
        let pods = LabPlan.podCIDRs.filter { $0.family == .ipv4 }
        return NodeFacts(name: "node", detector: .cidrs(pods + clients))
    }

    func clusterIP(_ scenario: Int) -> IPAddress { IPAddress(v4: 0x0a60_000a + UInt32(scenario)) }

    /// Where a client of a scenario sends, through the Service or straight to its pods.
    func targets(_ scenario: Int, _ kind: TrafficScenario.Kind, isDirect: Bool) -> [AddressPort] {
        let isBulk = kind == .bulk
        guard isDirect else { return [AddressPort(clusterIP(scenario), isBulk ? Port.serviceBulk : Port.service)] }
        return pods.prefix(cell.scenarios[scenario].pods).map {
            AddressPort($0, isBulk ? Port.directBulk : Port.direct)
        }
    }

    func stage(_ state: inout ProxyState) {
        let others = others
        for index in 0..<others.services {
            state.stage(.service(others.service(index)))
            state.stage(.endpointSlice(others.slice(index)))
        }
        for index in cell.scenarios.indices {
            state.stage(.service(service(index)))
            state.stage(.endpointSlice(slice(index)))
        }
    }

    private func name(_ scenario: Int) -> NamespacedName {
        NamespacedName(namespace: "bench", name: "scenario-\(scenario)")
    }

    private func service(_ number: Int) -> Service {
        let scenario = cell.scenarios[number]
        var service = SampleCluster.service(name(number), clusterIP: clusterIP(number))
        service.spec.ports = [
            Service.Port(name: "http", port: Port.service), Service.Port(name: "bulk", port: Port.serviceBulk),
            Service.Port(name: "udp", proto: .udp, port: Port.service),
        ]
        service.spec.clientIPAffinityTimeout = scenario.affinitySeconds
        if let balance = scenario.balance { service.metadata.annotations["apus.dev/balance"] = balance }
        if !scenario.weights.isEmpty {
            let entries = zip(pods, scenario.weights).map { "\($0)=\($1)" }
            service.metadata.annotations["apus.dev/weights"] = entries.joined(separator: ",")
        }
        return service
    }

    private func slice(_ number: Int) -> EndpointSlice {
        let addresses = Array(pods.prefix(cell.scenarios[number].pods))
        var slice = SampleCluster.slice(name(number), addresses, port: Port.balanced)
        slice.ports = [
            EndpointSlice.Port(name: "http", port: Port.balanced),
            EndpointSlice.Port(name: "bulk", port: Port.balancedBulk),
            EndpointSlice.Port(name: "udp", proto: .udp, port: Port.balanced),
        ]
        return slice
    }
}
