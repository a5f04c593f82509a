import KubeAPI
import Lab
import NetTypes
import ProxyCore

/// The lab that every case is written for.
public enum FlowLab {
    public static let plan = LabPlan(localPods: 3, remotePods: 2, nodeAddressCount: 2, clientAddressCount: 3)
    static let thisNode = "node"
    static let otherNode = "other"

    public static func start() throws -> FlowProbe { try FlowProbe(localPods: 3, remotePods: 2) }

    /// All addresses of the node, but loopback.
    static let nodeAddresses = plan.nodeAddresses + LabPlan.podGateways

    static func addresses(of place: FlowProbe.Location, _ family: IPFamily) -> [IPAddress] {
        let all =
            switch place {
            case .node: plan.nodeAddresses
            case .client: plan.clientAddresses
            case .pod, .remote: plan.pods.first { $0.name == place.description }?.addresses ?? []
            }
        return all.filter { $0.family == family }
    }

    /// The interface by which packets of a place reach the node; nil for the node.
    static func interface(of place: FlowProbe.Location) -> String? {
        if place == .node { return nil }
        return plan.pods.firstIndex { $0.name == place.description }.map { "veth\($0)" } ?? "eth0"
    }
}

/// An endpoint of a Service, in both families.
struct Member {
    let place: FlowProbe.Location
    var isReady = true
    var isServing = true
    var isTerminating = false
    var zones: [String] = []
    var nodes: [String] = []

    static func ready(_ place: FlowProbe.Location, zones: [String] = [], nodes: [String] = []) -> Member {
        Member(place: place, zones: zones, nodes: nodes)
    }

    static func unready(_ place: FlowProbe.Location) -> Member {
        Member(place: place, isReady: false, isServing: false)
    }

    static func terminating(_ place: FlowProbe.Location, isServing: Bool = true) -> Member {
        Member(place: place, isReady: false, isServing: isServing, isTerminating: true)
    }

    func endpoint(_ family: IPFamily) -> EndpointSlice.Endpoint {
        let node = if case .remote = place { FlowLab.otherNode } else { FlowLab.thisNode }
        return EndpointSlice.Endpoint(
            addresses: FlowLab.addresses(of: place, family), isReady: isReady, isServing: isServing,
            isTerminating: isTerminating, nodeName: node, hintZones: zones, hintNodes: nodes)
    }
}

/// A dual-stack Service of TCP and UDP with every kind of address, all of which follow from its number.
struct ServiceSketch {
    enum Target {
        case clusterIP, externalIP, loadBalancerIP
        /// Load-balancer ingress of ipMode Proxy.
        case proxyModeIP
        /// On the n-th of the node's outside addresses, or on its address toward the pods.
        case nodePort(on: Int = 0), podGatewayNodePort
        case loopbackNodePort
    }

    let number: UInt8
    var service: Service
    var slices: [EndpointSlice]

    init(
        _ number: UInt8, _ name: String, _ groups: [Member]..., annotations: [String: String] = [:],
        _ change: (inout Service.Spec) -> Void = { _ in }
    ) {
        self.number = number
        service = Service(
            metadata: ObjectMeta(name: name, namespace: "lab", uid: name, annotations: annotations))
        service.spec.kind = .loadBalancer
        service.spec.clusterIPs = IPFamily.allCases.map { Self.address(96, number, $0) }
        service.spec.externalIPs = IPFamily.allCases.map { Self.address(3, number, $0) }
        service.loadBalancerIngress = IPFamily.allCases.flatMap {
            [
                Service.LoadBalancerIngress(ip: Self.address(4, number, $0)),
                Service.LoadBalancerIngress(ip: Self.address(5, number, $0), isVIP: false),
            ]
        }
        service.spec.ports = [
            Service.Port(name: "tcp", proto: .tcp, port: 80, nodePort: 30000 + UInt16(number)),
            Service.Port(name: "udp", proto: .udp, port: 80, nodePort: 30000 + UInt16(number)),
            Service.Port(name: "second", proto: .tcp, port: 81, nodePort: 31000 + UInt16(number)),
        ]
        change(&service.spec)
        slices = groups.enumerated().flatMap { index, members in
            IPFamily.allCases.map { Self.slice("\(name)-\(index)", of: name, members, $0) }
        }
    }

    private static func slice(
        _ name: String, of service: String, _ members: [Member], _ family: IPFamily
    ) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMeta(
                name: "\(name)-\(family)", namespace: "lab", labels: ["kubernetes.io/service-name": service]),
            addressType: family == .ipv4 ? .ipv4 : .ipv6, endpoints: members.map { $0.endpoint(family) },
            ports: [
                EndpointSlice.Port(name: "tcp", proto: .tcp, port: 8080),
                EndpointSlice.Port(name: "udp", proto: .udp, port: 8080),
                EndpointSlice.Port(name: "second", proto: .tcp, port: 8081),
            ])
    }

    /// 10.NET.0.NUMBER and fd00:NET::NUMBER with the same digits; 96 is the service network of the lab.
    static func address(_ net: UInt8, _ number: UInt8, _ family: IPFamily) -> IPAddress {
        guard family == .ipv6 else { return IPAddress(10, net, 0, number) }
        let digits = UInt64(net / 10) << 4 | UInt64(net % 10)
        return IPAddress(high: 0xfd00_0000_0000_0000 | digits << 32, low: UInt64(number))
    }

    private func destination(_ target: Target, _ family: IPFamily, port: UInt16?) -> AddressPort {
        let nodePort = port == 81 ? 31000 + UInt16(number) : 30000 + UInt16(number)
        let loopback = family == .ipv4 ? IPAddress(127, 0, 0, 1) : IPAddress(high: 0, low: 1)
        let gateway = LabPlan.podGateways[family == .ipv4 ? 0 : 1]
        return switch target {
        case .clusterIP: AddressPort(Self.address(96, number, family), port ?? 80)
        case .externalIP: AddressPort(Self.address(3, number, family), port ?? 80)
        case .loadBalancerIP: AddressPort(Self.address(4, number, family), port ?? 80)
        case .proxyModeIP: AddressPort(Self.address(5, number, family), port ?? 80)
        case .nodePort(let index): AddressPort(FlowLab.addresses(of: .node, family)[index], nodePort)
        case .podGatewayNodePort: AddressPort(gateway, nodePort)
        case .loopbackNodePort: AddressPort(loopback, nodePort)
        }
    }

    /// A flow in each family and over each protocol. `source` counts the addresses of the place it comes from.
    func flows(
        from place: FlowProbe.Location, source: Int = 0, to target: Target, port: UInt16? = nil,
        protos: [TransportProtocol] = [.tcp, .udp]
    ) -> [PacketFlow] {
        IPFamily.allCases.flatMap { family in
            protos.map { proto in
                let destination = destination(target, family, port: port)
                let isLoopback = destination.address.isLoopback
                let source = isLoopback ? destination.address : FlowLab.addresses(of: place, family)[source]
                return PacketFlow(from: place, source: source, proto: proto, destination: destination)
            }
        }
    }

    /// A case in each family and over each protocol. `others` are called as well.
    func when(
        _ name: String, from place: FlowProbe.Location, source: Int = 0, to target: Target, also others: [Target] = [],
        port: UInt16? = nil, protos: [TransportProtocol] = [.tcp, .udp], _ expectation: FlowExpectation
    ) -> [FlowCase] {
        let rows = ([target] + others).map { flows(from: place, source: source, to: $0, port: port, protos: protos) }
        return rows[0].indices.map { index in
            let first = rows[0][index]
            return FlowCase(
                name: "\(service.metadata.name): \(name) (\(first.destination.address.family), \(first.proto))",
                flows: rows.map { $0[index] }, expectation: expectation, targetPort: port == 81 ? 8081 : 8080)
        }
    }
}
